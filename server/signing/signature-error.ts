import { DomainError } from "../errors/domain-error.ts";
import type { ErrorCode } from "../errors/registry.ts";

/** Why a signature does not count. */
export const signatureReasons = [
  "malformed",
  "algorithm",
  "unknown-key",
  "not-yet-registered",
  "revoked",
  "wrong-signer",
  "bad-signature",
  "altered-content",
  "signed-in-future",
] as const;
export type SignatureReason = (typeof signatureReasons)[number];

const codes: Record<SignatureReason, ErrorCode> = {
  malformed: "signature.bad",
  algorithm: "signature.bad",
  "unknown-key": "signature.unknown-key",
  "not-yet-registered": "signature.unknown-key",
  revoked: "signature.revoked-key",
  "wrong-signer": "signature.unknown-key",
  "bad-signature": "signature.bad",
  "altered-content": "signature.altered",
  "signed-in-future": "signature.bad",
};

/** A signature that does not count; `reason` says why, `code` is what a person reads. */
export class SignatureError extends DomainError {
  readonly reason: SignatureReason;

  constructor(reason: SignatureReason) {
    super(codes[reason], { reason });
    this.name = "SignatureError";
    this.reason = reason;
  }
}
