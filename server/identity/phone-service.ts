import { randomInt } from "node:crypto";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { sendSms } from "../notices/service.ts";
import { maskPhone, parsePhone } from "../patients/service.ts";
import * as repository from "./repository.ts";

const codeMinutes = 5;
const resendSeconds = 60;
const maximumAttempts = 5;
/** Ten codes of five tries: a guess succeeds once in 20,000 days. */
const codesPerDay = 10;

/**
 * Send a sign-in code by SMS. The answer is the same whether or not the phone is known here.
 * @throws DomainError `patient.phone`, `request.too-many` within a minute of the last code
 */
export async function sendPhoneCode(
  services: Services,
  tx: Tx,
  phone: string,
): Promise<{ sentTo: string; expiresAt: Date; code: string }> {
  const parsed = parsePhone(phone);
  if (!parsed.ok) throw new DomainError("patient.phone");
  const number = parsed.value.national;
  const now = services.clock();
  const phoneIndex = services.vault.blindIndex("phone", number);
  const last = await repository.findPhoneCode(tx, phoneIndex);
  const dayMs = 24 * 60 * 60_000;
  const sameDay = last !== null && now.getTime() - last.windowStartedAt.getTime() < dayMs;
  if (sameDay && last.sentCount >= codesPerDay && !services.demo)
    throw new DomainError("request.too-many", {
      seconds: Math.ceil((last.windowStartedAt.getTime() + dayMs - now.getTime()) / 1000),
    });
  const waitMs = last ? last.sentAt.getTime() + resendSeconds * 1000 - now.getTime() : 0;
  if (waitMs > 0 && !services.demo)
    throw new DomainError("request.too-many", { seconds: Math.ceil(waitMs / 1000) });
  const code = randomInt(0, 1_000_000).toString().padStart(6, "0");
  const expiresAt = new Date(now.getTime() + codeMinutes * 60_000);
  await repository.savePhoneCode(tx, {
    phoneIndex,
    codeHash: services.vault.hashSecret(`${number}:${code}`),
    attempts: 0,
    sentCount: sameDay ? last.sentCount + 1 : 1,
    windowStartedAt: sameDay ? last.windowStartedAt : now,
    expiresAt,
    sentAt: now,
  });
  await sendSms(tx, services.vault, {
    phone: number,
    kind: "sign-in-code",
    text: `【医联】验证码 ${code}，${codeMinutes} 分钟内有效。请勿告诉他人。`,
    dedupeKey: `code:${phoneIndex.toString("hex")}:${now.getTime()}`,
    at: now,
  });
  return { sentTo: maskPhone(number), expiresAt, code };
}

export type PhoneSignIn = { phoneIndex: Buffer } | DomainError;

/** Check a code; a wrong try is counted (returned, not thrown, so that it commits) and the fifth ends the code. */
export async function checkPhoneCode(
  services: Services,
  tx: Tx,
  phone: string,
  code: string,
): Promise<PhoneSignIn> {
  const refusal = new DomainError("auth.code-wrong");
  const parsed = parsePhone(phone);
  if (!parsed.ok) return refusal;
  const number = parsed.value.national;
  const phoneIndex = services.vault.blindIndex("phone", number);
  const saved = await repository.findPhoneCode(tx, phoneIndex);
  if (!saved || saved.expiresAt <= services.clock() || saved.attempts >= maximumAttempts)
    return refusal;
  if (!saved.codeHash.equals(services.vault.hashSecret(`${number}:${code}`))) {
    await repository.countPhoneCodeAttempt(tx, phoneIndex);
    return refusal;
  }
  await repository.spendPhoneCode(tx, phoneIndex, services.clock());
  return { phoneIndex };
}
