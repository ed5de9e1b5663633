/** polywasm ships without types; its WebAssembly object has the host's interface. */
declare module "polywasm" {
  export const WebAssembly: typeof globalThis.WebAssembly;
}
