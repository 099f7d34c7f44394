/** Every code that a refused message, token or request can carry. Pages translate the codes. */
export const errorCodes = [
  "protocol-outdated",
  "malformed",
  "too-large",
  "rate-limited",
  "token-malformed",
  "token-expired",
  "token-foreign",
  "token-used",
  "token-stale",
  "session-unknown",
  "not-joined",
  "already-joined",
  "waiting",
  "forbidden",
  "not-found",
  "conflict",
  "room-closed",
  "room-full",
  "removed",
  "no-worker",
  "node-closing",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A refusal that the other side is told about by its code; the message stays in our log. */
export class SignalError extends Error {
  override readonly name = "SignalError";
  readonly code: ErrorCode;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string = code, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Turns anything thrown into what may leave the process: a code, never a stack trace. */
export function publicError(error: unknown): { code: ErrorCode; field?: string } {
  if (!(error instanceof SignalError)) return { code: "internal" };
  return error.field === undefined
    ? { code: error.code }
    : { code: error.code, field: error.field };
}
