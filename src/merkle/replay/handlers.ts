/**
 * The shape of a family's handlers: one function a mnemonic, named like it with dots as underscores, so that an
 * instruction of the table without a handler does not compile.
 */
import type { Family, instructions, Mnemonic } from "../../interpreter/isa/table.ts";
import type { MachineStep } from "./machineStep.ts";

export type Handler = (step: MachineStep) => void;

type Row = (typeof instructions)[number];

export type HandlerName<M extends string> = M extends `${infer Head}.${infer Tail}`
  ? `${Head}_${Tail}`
  : M;

export type MnemonicOf<F extends Family> = Extract<Row, { family: F }>["mnemonic"] & Mnemonic;

export type Handlers<F extends Family> = {
  readonly [M in MnemonicOf<F> as HandlerName<M>]: Handler;
};
