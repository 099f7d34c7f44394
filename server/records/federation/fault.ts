/** What may go wrong with a partner, as codes that the page has sentences for. Pure. */
export const partnerFaults = [
  /** No connection. */
  "unreachable",
  "timeout",
  /** It sends us elsewhere; we do not follow. */
  "redirect",
  /** A link leaves the registered base. */
  "off-origin",
  /** The name leads into a private network that was not registered as one. */
  "private-address",
  /** It would be asked over the open internet without encryption. */
  "insecure",
  /** HTML or something else than FHIR JSON. */
  "not-fhir",
  /** JSON that is not well-formed, doubled names, another charset. */
  "unreadable",
  "too-large",
  /** Pages without end. */
  "too-many-pages",
  /** 401 or 403, or its sign-in does not give a token. */
  "refused",
  /** 429 or 503: not now. */
  "busy",
  /** Another status. */
  "failed",
  /** It failed again and again and is left in peace for a while. */
  "resting",
  /** It sent somebody else's record. */
  "other-patient",
  /** Its institution has paused it: it is not asked. */
  "paused",
] as const;
export type PartnerFault = (typeof partnerFaults)[number];

/** A partner that could not be asked, or whose answer is not believed. */
export class PartnerError extends Error {
  override readonly name = "PartnerError";
  readonly fault: PartnerFault;
  readonly status: number | null;
  /** What the partner asked us to wait. */
  readonly retryAfterMs: number | null;

  constructor(
    fault: PartnerFault,
    detail: { status?: number; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(fault, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.fault = fault;
    this.status = detail.status ?? null;
    this.retryAfterMs = detail.retryAfterMs ?? null;
  }
}

/** Another try may help. */
export const isPassing = ({ fault, status }: PartnerError): boolean =>
  fault === "unreachable" || fault === "busy" || (fault === "failed" && (status ?? 0) >= 500);

/** Counts against the partner's health: the fault is its own, not of one question. */
export const isIllness = (error: PartnerError): boolean =>
  isPassing(error) || error.fault === "timeout";
