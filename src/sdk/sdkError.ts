/**
 * What can be wrong with an application or with what a client is shown, each with a stable code (docs/errors.md).
 * What is wrong with a transaction is a status, not an exception.
 */

/** Codes and what they say. */
export const sdkErrorCodes = {
  "application-memory": 'the application exports no memory named "memory"',
  "application-handle": 'the application exports no function "handle" of two i32 that gives an i64',
  "application-buffer": 'the application exports no function "request_buffer" that gives an i32',
  "no-wrapper": "the program is no application with its wrapper",
  "result-overwritten": "the entry is of another transaction",
  "result-mismatch": "the result is not the one that the entry commits to",
} as const;

/** Stable code of what is wrong (docs/errors.md). */
export type SdkErrorCode = keyof typeof sdkErrorCodes;

/** Thrown by the SDK's functions; `code` is stable, the message is for people. */
export class SdkError extends Error {
  readonly code: SdkErrorCode;

  constructor(code: SdkErrorCode, detail = "") {
    super(detail === "" ? sdkErrorCodes[code] : `${sdkErrorCodes[code]}: ${detail}`);
    this.name = "SdkError";
    this.code = code;
  }
}
