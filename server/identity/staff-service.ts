import { hash, verify as verifyPassword } from "@node-rs/argon2";
import { generateSecret, generateURI, verify as verifyTotp } from "otplib";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { findFactors } from "./account-repository.ts";
import { proofsOf } from "./domain.ts";
import * as repository from "./repository.ts";

/** After this many wrong passwords in a row the account rests. */
const lockAfter = 5;
const lockMinutes = 15;
const challengeMinutes = 5;
const totpContext = "staff_account.totp_secret";

/** A hash to compare with when nobody has the name: the answer takes as long as for somebody. */
let decoy: Promise<string> | null = null;

export type SignIn =
  | { outcome: "refused"; error: DomainError }
  | { outcome: "done"; personId: string }
  | { outcome: "second-factor"; challengeId: string; methods: ("totp" | "passkey")[] };

export function hashPassword(password: string): Promise<string> {
  return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

/**
 * Check name and password. A refusal is returned, not thrown: the counted failure must commit.
 * Unknown names and wrong passwords answer alike.
 */
export async function checkPassword(
  services: Services,
  tx: Tx,
  loginName: string,
  password: string,
): Promise<SignIn> {
  const now = services.clock();
  const account = await repository.findAccount(tx, loginName);
  if (account?.lockedUntil && account.lockedUntil > now)
    return { outcome: "refused", error: locked(account.lockedUntil, now) };
  decoy ??= hashPassword("nobody has this password");
  const good = await verifyPassword(account?.passwordHash ?? (await decoy), password);
  if (!account) return { outcome: "refused", error: new DomainError("auth.wrong") };
  if (!good) return countFailure(tx, account, now, "auth.wrong");
  const factors = await findFactors(tx, account.personId);
  const methods = (["totp", "passkey"] as const).filter((method) => factors[method]);
  // With a second factor the count goes on: else a known password would buy guesses without end.
  if (methods.length === 0) {
    await clearFailures(tx, account);
    return { outcome: "done", personId: account.personId };
  }
  const challengeId = await repository.insertChallenge(tx, {
    kind: "second-factor",
    personId: account.personId,
    challenge: "",
    expiresAt: new Date(now.getTime() + challengeMinutes * 60_000),
  });
  return { outcome: "second-factor", challengeId, methods };
}

/** The second factor by authenticator app; wrong codes count towards the lock. */
export async function checkTotp(
  services: Services,
  tx: Tx,
  challengeId: string,
  code: string,
): Promise<SignIn> {
  const now = services.clock();
  const challenge = await repository.findChallenge(tx, challengeId, now);
  const over = { outcome: "refused", error: new DomainError("auth.attempt-over") } as const;
  if (challenge?.kind !== "second-factor" || !challenge.personId) return over;
  const account = await repository.findAccountByPerson(tx, challenge.personId);
  if (!account) return over;
  if (account.lockedUntil && account.lockedUntil > now)
    return { outcome: "refused", error: locked(account.lockedUntil, now) };
  const fit = await totpFits(services, tx, account, code, now);
  if (fit !== "fits") return countFailure(tx, account, now, refusalOf[fit]);
  await repository.takeChallenge(tx, challengeId, now);
  return { outcome: "done", personId: account.personId };
}

/**
 * A fresh proof of identity by the person who is signed in, by password (and code). An account whose
 * only second factor is a passkey proves itself by that: here a password opens nothing.
 */
export async function reauthenticate(
  services: Services,
  tx: Tx,
  personId: string,
  password: string,
  totp: string | undefined,
): Promise<SignIn> {
  const now = services.clock();
  const account = await repository.findAccountByPerson(tx, personId);
  if (!account) return { outcome: "refused", error: new DomainError("auth.wrong") };
  if (account.lockedUntil && account.lockedUntil > now)
    return { outcome: "refused", error: locked(account.lockedUntil, now) };
  const proofs = proofsOf(await findFactors(tx, personId));
  const wantsCode = proofs.includes("password-and-code");
  if (!wantsCode && !proofs.includes("password"))
    return { outcome: "refused", error: new DomainError("auth.passkey-needed") };
  if (!(await verifyPassword(account.passwordHash, password)))
    return countFailure(tx, account, now, "auth.wrong");
  if (wantsCode && !totp)
    return { outcome: "refused", error: new DomainError("auth.code-missing") };
  const fit = wantsCode && totp ? await totpFits(services, tx, account, totp, now) : "fits";
  if (fit !== "fits") return countFailure(tx, account, now, refusalOf[fit]);
  await clearFailures(tx, account);
  return { outcome: "done", personId };
}

/** Start setting up an authenticator app; it counts only after {@link confirmTotp}. */
export async function prepareTotp(
  services: Services,
  tx: Tx,
  personId: string,
): Promise<{ secret: string; uri: string }> {
  const account = await repository.findAccountByPerson(tx, personId);
  if (!account) throw new DomainError("permission.denied");
  const secret = generateSecret();
  // The present app stays good until the new one has shown a code.
  await repository.updateAccount(tx, personId, {
    totpPendingCipher: services.vault.seal(totpContext, secret),
  });
  return { secret, uri: generateURI({ issuer: "Yilian", label: account.loginName, secret }) };
}

/** @throws DomainError `auth.attempt-over`, `auth.totp-wrong` */
export async function confirmTotp(
  services: Services,
  tx: Tx,
  personId: string,
  code: string,
): Promise<void> {
  const now = services.clock();
  const account = await repository.findAccountByPerson(tx, personId);
  const pending = account?.totpPendingCipher;
  if (!account || !pending) throw new DomainError("auth.attempt-over");
  const candidate = { ...account, totpSecretCipher: pending, totpLastStep: null };
  const fit = await totpFits(services, tx, candidate, code, now);
  if (fit !== "fits") throw new DomainError(refusalOf[fit]);
  await repository.updateAccount(tx, personId, {
    totpSecretCipher: pending,
    totpPendingCipher: null,
    totpConfirmedAt: now,
  });
}

const refusalOf = { wrong: "auth.totp-wrong", used: "auth.code-used" } as const;

/** One step of clock drift is forgiven; a code that was used is not good again (RFC 6238, 5.2). */
async function totpFits(
  services: Services,
  tx: Tx,
  account: repository.StaffAccountRow,
  code: string,
  now: Date,
): Promise<"fits" | keyof typeof refusalOf> {
  if (!account.totpSecretCipher) return "wrong";
  const epoch = Math.floor(now.getTime() / 1000);
  const result = await verifyTotp({
    secret: services.vault.open(totpContext, account.totpSecretCipher),
    token: code,
    epoch,
    epochTolerance: 30,
  });
  if (!result.valid) return "wrong";
  const step = Math.floor(epoch / 30) + ("delta" in result ? Number(result.delta) : 0);
  if (account.totpLastStep !== null && step <= account.totpLastStep) return "used";
  await repository.updateAccount(tx, account.personId, { totpLastStep: step, failedCount: 0 });
  return "fits";
}

/** Called once every asked factor was right. */
export async function clearFailures(
  tx: Tx,
  account: { personId: string; failedCount: number },
): Promise<void> {
  if (account.failedCount > 0)
    await repository.updateAccount(tx, account.personId, { failedCount: 0, lockedUntil: null });
}

async function countFailure(
  tx: Tx,
  account: repository.StaffAccountRow,
  now: Date,
  code: "auth.wrong" | (typeof refusalOf)[keyof typeof refusalOf],
): Promise<SignIn> {
  const failedCount = account.failedCount + 1;
  const lock = failedCount >= lockAfter ? new Date(now.getTime() + lockMinutes * 60_000) : null;
  await repository.updateAccount(tx, account.personId, {
    failedCount: lock ? 0 : failedCount,
    lockedUntil: lock,
  });
  return { outcome: "refused", error: lock ? locked(lock, now) : new DomainError(code) };
}

function locked(until: Date, now: Date): DomainError {
  return new DomainError("auth.locked", {
    minutes: Math.ceil((until.getTime() - now.getTime()) / 60_000),
  });
}
