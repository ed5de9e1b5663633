/**
 * What the Arbiter's errors mean and what to do, for people who see one of them in the middle of a command.
 *
 * Invariant: the same rows as in docs/contract-errors.md, word for word (a test compares them); "–" is nothing to do.
 */
export const arbiterErrors: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  InvalidParameter: ["a constructor parameter is out of its range", "deploy with others"],
  InsufficientDeposit: ["the party's free deposit does not cover the amount", "deposit more"],
  CoolingOff: [
    "no withdrawal was announced, or its block has not come",
    "announce it, wait until that block",
  ],
  PaymentRefused: ["the receiver did not take the payment", "withdraw to an account that does"],
  UnknownProgram: ["the program is not registered", "register it first"],
  SameParty: ["a party would dispute itself", "–"],
  DifferentSigners: ["two signatures of a contradiction are not by one account", "dispute instead"],
  SameResult: ["the two results do not differ", "there is nothing to dispute"],
  DifferentCalls: ["the two results are not of one call", "compare program, state and input"],
  AlreadyRefuted: ["the party has lost a dispute about this very statement", "–"],
  AlreadyReported: ["the party has been punished for two results of this call", "–"],
  AlreadyOpen: ["the two statements have a dispute with one another already", "play that one"],
  StaleEpoch: [
    "the signature is of an epoch that is over: the signer's deposit has been below a stake since",
    "ask the signer for one of the present epoch",
  ],
  UnknownParent: [
    "the claim goes on from no registered genesis and from no claim that stands or is final",
    "post a claim of the state before first",
  ],
  InputNotPublished: ["the input's bytes stand in no event of the contract", "publish them first"],
  AlreadyPosted: ["the party has posted this result already", "–"],
  NotStanding: ["no claim of this key and content can be disputed", "read its status"],
  WindowClosed: ["the call's window is over, or too near its end for another claim", "–"],
  NotFinal: [
    "the claim's window, a dispute, a rival or the claim before it is not done",
    "wait, or oppose the rivals",
  ],
  NotVoid: ["the claim can still become final", "wait"],
  InvalidSignature: ["the signature is malformed", "give r, s, v of the typed data"],
  StaleState: [
    "the move answers a state that is not the present one",
    "read the newest event, answer that",
  ],
  WrongPhase: ["the dispute is in another phase", "read the newest event"],
  NotOnTurn: ["the sender is not the party whose move it is", "wait"],
  DeadlinePassed: ["the mover's clock has run out", "–"],
  DeadlineNotPassed: ["the other's clock still runs", "wait until the deadline"],
  ClaimNotProven: [
    "the claim's register proof shows other counters, or no step of the call",
    "prove the terminal state",
  ],
  WrongVectorLength: [
    "a round's vector has another number of hashes than k − 1, or than the segment's steps",
    "–",
  ],
  WrongDivergence: [
    "the part is not one of the other's vector, or the mover does not deny its last state",
    "–",
  ],
  InvalidFuelStep: [
    "the step of a fuel dispute does not lie after the call's first",
    "name the step that passed the total",
  ],
  OutOfOrder: [
    "a vector where the other's waits for an answer, or an answer where none waits",
    "read the newest event",
  ],
};

/** `NAME(ARGUMENTS): meaning; advice`; the error alone where it is none of the Arbiter's. */
export function contractErrorText(error: string): string {
  const [name] = error.split("(", 1);
  const row = Object.hasOwn(arbiterErrors, name) ? arbiterErrors[name] : undefined;
  if (row === undefined) return error;
  const [meaning, advice] = row;
  return advice === "–" ? `${error}: ${meaning}` : `${error}: ${meaning}; ${advice}`;
}
