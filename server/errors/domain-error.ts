import type { ErrorCode } from "./registry.ts";

/** A refusal that a person can understand: a code of the registry and the values its sentence needs. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** Values for the sentence; never patient data. */
  readonly params: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, params: Record<string, unknown> = {}) {
    super(code);
    this.name = "DomainError";
    this.code = code;
    this.params = params;
  }
}
