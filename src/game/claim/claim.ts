/**
 * Words of the game (docs/game.md §2): a call, what a party claims of it, and a signed transition.
 * Field names and order are those of contracts/src/game/types/, so values pass to the contract as they are.
 */

/** 32 bytes as 0x and 64 lower-case digits. */
export type Hash = string;
/** 20 bytes as 0x and 40 digits with checksum. */
export type Address = string;

export const zeroHash: Hash = `0x${"0".repeat(64)}`;

/** What identifies one gateway call. */
export interface Call {
  /** Program root. */
  readonly program: Hash;
  /** State hash before the call. */
  readonly previousState: Hash;
  /** Root of the input (docs/proof-format.md §7). */
  readonly inputRoot: Hash;
  /** Bytes. */
  readonly inputLength: number;
}

/** A result: the call ends in `state`, whose counters are these. */
export interface Claim {
  /** State hash at the end of the call. */
  readonly state: Hash;
  /** Executed instructions (stepCounter) of the end state. */
  readonly steps: bigint;
  /** Fuel (fuelCounter) of the end state. */
  readonly fuel: bigint;
}

/** What a party signs. */
export interface Transition extends Call {
  /** State hash at the end of the call; `steps` and `fuel` are its counters. */
  readonly nextState: Hash;
  readonly steps: bigint;
  readonly fuel: bigint;
  /** The signer's epoch (`ArbiterClient.epochOf`): a signature of an earlier one binds nobody. */
  readonly epoch: bigint;
}

/**
 * A transition with its signature (EIP-712): what a party answers for with its deposit (docs/game.md §2).
 */
export interface SignedTransition {
  readonly transition: Transition;
  /** r, s, v: 65 bytes as hex; or the key of a standing claim, 32 bytes (docs/game.md §12). */
  readonly signature: string;
}

/**
 * The transition that says that a call has the claimed result.
 *
 * @param epoch Of the account that will sign; 0 until its deposit has fallen below a stake for the first time.
 */
export function transitionOf(call: Call, claim: Claim, epoch = 0n): Transition {
  return {
    program: call.program,
    previousState: call.previousState,
    inputRoot: call.inputRoot,
    inputLength: call.inputLength,
    nextState: claim.state,
    steps: claim.steps,
    fuel: claim.fuel,
    epoch,
  };
}

/** The result that a transition states. */
export function claimOf(transition: Transition): Claim {
  return { state: transition.nextState, steps: transition.steps, fuel: transition.fuel };
}

/** Whether two are about one call: program, state before it, input root and input length. */
export function sameCall(one: Call, other: Call): boolean {
  return (
    one.program === other.program &&
    one.previousState === other.previousState &&
    one.inputRoot === other.inputRoot &&
    one.inputLength === other.inputLength
  );
}

/** Whether two results are one: state, steps and fuel. */
export function sameClaim(one: Claim, other: Claim): boolean {
  return one.state === other.state && one.steps === other.steps && one.fuel === other.fuel;
}
