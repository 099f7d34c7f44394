/** Messages between us and a provider: HMAC-SHA256 over time and content with a secret that both keep. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { DomainError } from "../errors/domain-error.ts";

const TIME = "x-pay-timestamp";
const SIGNATURE = "x-pay-signature";
/** An overheard message is no use after this. */
const MAX_AGE_MS = 5 * 60_000;

const macOf = (secret: string, time: string, content: string) =>
  createHmac("sha256", secret).update(`${time}.${content}`).digest();

/** @param content what is said: the body, or for a question without one its method and path */
export function signed(secret: string, content: string, now: Date): Record<string, string> {
  const time = now.toISOString();
  return { [TIME]: time, [SIGNATURE]: macOf(secret, time, content).toString("hex") };
}

/** @throws DomainError `billing.forged` */
export function assertSigned(
  secret: string,
  headers: Readonly<Record<string, unknown>>,
  content: string,
  now: Date,
): void {
  const { [TIME]: time, [SIGNATURE]: signature } = headers;
  if (typeof time !== "string" || typeof signature !== "string")
    throw new DomainError("billing.forged");
  const age = Math.abs(now.getTime() - Date.parse(time));
  const given = Buffer.from(signature, "hex");
  const right = macOf(secret, time, content);
  if (!(age <= MAX_AGE_MS) || given.length !== right.length || !timingSafeEqual(given, right))
    throw new DomainError("billing.forged");
}
