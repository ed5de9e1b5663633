/**
 * Emission in two passes: the first finds which stores one barrier can serve (addressTracker.ts), the second writes.
 *
 * Invariant: a rehearsal leaves no trace in the module; a draft, and a function with fewer than two stores, is emitted
 * once.
 */
import type { BodyEmitter } from "./bodyEmitter.ts";
import type { ModuleScope } from "./emitter.ts";
import type { FunctionCode } from "./hostFrame.ts";

/** Emits what `make` makes an emitter for, and returns the emitter that has written the code. */
export function emitTwice(
  scope: ModuleScope,
  make: (scope: ModuleScope) => BodyEmitter,
): { readonly emitter: BodyEmitter; readonly code: FunctionCode } {
  const emitter = make(scope);
  if (emitter.plan.stores < 2 || scope.emission.isDraft) return { emitter, code: emitter.emit() };
  const rehearsal = make(rehearsalScope(scope));
  rehearsal.emit();
  return { emitter, code: emitter.emitWith(rehearsal.addresses.groups()) };
}

/** The scope with everything that an emission adds to kept apart. */
function rehearsalScope(scope: ModuleScope): ModuleScope {
  return Object.assign(Object.create(scope) as ModuleScope, {
    log: scope.log.rehearsal(),
    spillIndex: () => 0,
    runtimeStubIndex: () => 0,
  });
}
