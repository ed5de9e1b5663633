/**
 * The SDK (paper App. B): applications that need only `handle`, the transactions that clients sign for them, the checks
 * of a node's mempool, and results with their proofs. Runs in browsers as well as in Node.
 */
export { CheckState, type SignatureCheck, signatureCheck } from "./checkTransaction.ts";
export { hostSignatureCheck } from "./hostSignatureCheck.ts";
export {
  checkResult,
  lastResults,
  type ResultEntry,
  readResultEntry,
  resultBytes,
  resultRange,
  transactionCount,
} from "./result.ts";
export { SdkError, type SdkErrorCode, sdkErrorCodes } from "./sdkError.ts";
export { ClientSession, randomSession } from "./session.ts";
export { readSessionBucket, type Session, SessionTable, sessionBucketAddress } from "./sessions.ts";
export { statusCode, type TransactionStatus, transactionStatuses } from "./status.ts";
export {
  ClientKey,
  type ClientTransaction,
  encodeTransaction,
  maxLifetimeBlocks,
  maxTransactionBytes,
  readTransaction,
  recoverClient,
  signTransaction,
  type TransactionFields,
  type TransactionSigner,
  transactionDigest,
  transactionDomain,
  transactionHeadBytes,
} from "./transaction.ts";
export { type WorkloadOptions, workload } from "./workload.ts";
export {
  applicationModules,
  hasWrapper,
  type WrappedModule,
  wrapApplication,
  wrapperBytes,
  wrapperLayout,
  wrapperMemory,
} from "./wrapper.ts";
