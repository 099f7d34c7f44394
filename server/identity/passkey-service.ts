import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import * as accounts from "./account-repository.ts";
import type { StaffActor } from "./domain.ts";
import * as repository from "./repository.ts";

const challengeMinutes = 5;

/** What an assertion is for; a challenge made for one purpose is good for no other. */
export type PasskeyPurpose = "second-factor" | "sign-in" | "reauthenticate";
/** Names of the challenges in the database. */
const challengeKind = {
  "second-factor": "second-factor",
  "sign-in": "passkey-sign-in",
  reauthenticate: "reauthenticate",
} as const satisfies Record<PasskeyPurpose, string>;

/**
 * User verification (a PIN, a finger, a face) is required everywhere: so a passkey is two factors,
 * possession and person, and may stand alone (WebAuthn level 3, 6.2.3).
 */
const userVerification = "required";

type Json = Record<string, unknown>;

function site({ publicUrl }: Services) {
  const { hostname, origin } = new URL(publicUrl);
  return { rpID: hostname, expectedOrigin: origin };
}

const expiresAt = ({ clock }: Services) => new Date(clock().getTime() + challengeMinutes * 60_000);

/** Options for a new passkey of the one who is signed in. */
export async function prepareRegistration(
  services: Services,
  tx: Tx,
  { personId, name }: StaffActor,
): Promise<{ challengeId: string; options: Json }> {
  const keys = await accounts.findPasskeys(tx, personId);
  const options = await generateRegistrationOptions({
    rpName: "医联 Yilian",
    rpID: site(services).rpID,
    userName: name,
    userID: new TextEncoder().encode(personId),
    excludeCredentials: keys.map((key) => ({ id: key.credentialId })),
    authenticatorSelection: { residentKey: "preferred", userVerification },
  });
  const challengeId = await repository.insertChallenge(tx, {
    kind: "register-passkey",
    personId,
    challenge: options.challenge,
    expiresAt: expiresAt(services),
  });
  return { challengeId, options: { ...options } };
}

/** @throws DomainError `auth.attempt-over`, `auth.passkey-unknown` (no user verification, another site, damaged) */
export async function confirmRegistration(
  services: Services,
  tx: Tx,
  { personId }: StaffActor,
  { challengeId, response }: { challengeId: string; response: Json },
): Promise<void> {
  const waiting = await repository.takeChallenge(tx, challengeId, services.clock());
  if (waiting?.kind !== "register-passkey" || waiting.personId !== personId)
    throw new DomainError("auth.attempt-over");
  const { rpID, expectedOrigin } = site(services);
  const result = await verifyRegistrationResponse({
    response: response as unknown as RegistrationResponseJSON,
    expectedChallenge: waiting.challenge,
    expectedOrigin,
    expectedRPID: rpID,
    requireUserVerification: true,
  }).catch(() => null);
  if (!result?.verified || !result.registrationInfo) throw new DomainError("auth.passkey-unknown");
  const { credential } = result.registrationInfo;
  if (await accounts.findPasskey(tx, credential.id)) throw new DomainError("auth.passkey-unknown");
  await accounts.insertPasskey(tx, {
    personId,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
  });
}

/** A challenge for whichever passkey the browser offers (sign-in), or for one of this person's. */
export async function prepareAssertion(
  services: Services,
  tx: Tx,
  purpose: "sign-in" | "reauthenticate",
  personId: string | null,
): Promise<{ challengeId: string; options: Json }> {
  const options = await assertionOptions(services, tx, personId);
  const challengeId = await repository.insertChallenge(tx, {
    kind: challengeKind[purpose],
    personId,
    challenge: String(options.challenge),
    expiresAt: expiresAt(services),
  });
  return { challengeId, options };
}

/** The passkey as second factor: options for the attempt that the password began. @throws DomainError `auth.attempt-over` */
export async function prepareSecondFactor(
  services: Services,
  tx: Tx,
  challengeId: string,
): Promise<Json> {
  const waiting = await repository.findChallenge(tx, challengeId, services.clock());
  if (waiting?.kind !== challengeKind["second-factor"] || !waiting.personId)
    throw new DomainError("auth.attempt-over");
  const options = await assertionOptions(services, tx, waiting.personId);
  await repository.setChallenge(tx, waiting.id, String(options.challenge));
  return options;
}

async function assertionOptions(services: Services, tx: Tx, personId: string | null) {
  const keys = personId ? await accounts.findPasskeys(tx, personId) : [];
  const options = await generateAuthenticationOptions({
    rpID: site(services).rpID,
    userVerification,
    allowCredentials: keys.map((key) => ({
      id: key.credentialId,
      transports: key.transports as AuthenticatorTransport[],
    })),
  });
  return { ...options };
}

/**
 * Check an assertion. A refusal is returned, not thrown: the spent challenge must commit.
 * @param personId whose it has to be, where somebody is signed in already
 * @returns whose passkey it was
 */
export async function checkAssertion(
  services: Services,
  tx: Tx,
  purpose: PasskeyPurpose,
  { challengeId, response }: { challengeId: string; response: Json },
  personId?: string,
): Promise<{ personId: string } | DomainError> {
  const waiting = await repository.takeChallenge(tx, challengeId, services.clock());
  const mine = personId === undefined || waiting?.personId === personId;
  if (waiting?.kind !== challengeKind[purpose] || !waiting.challenge || !mine)
    return new DomainError("auth.attempt-over");
  const unknown = new DomainError("auth.passkey-unknown");
  const answer = response as unknown as AuthenticationResponseJSON;
  const key = typeof answer.id === "string" ? await accounts.findPasskey(tx, answer.id) : null;
  if (!key || (waiting.personId !== null && key.personId !== waiting.personId)) return unknown;
  const { rpID, expectedOrigin } = site(services);
  const result = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: waiting.challenge,
    expectedOrigin,
    expectedRPID: rpID,
    requireUserVerification: true,
    credential: {
      id: key.credentialId,
      publicKey: new Uint8Array(key.publicKey),
      counter: key.counter,
    },
  }).catch(() => null);
  if (!result?.verified) return unknown;
  await accounts.updatePasskeyCounter(tx, key.id, result.authenticationInfo.newCounter);
  return { personId: key.personId };
}

/**
 * Take a passkey away, a lost one for instance. The last second factor of an account stays.
 * @throws DomainError `request.not-found` (nobody else's), `auth.last-factor`
 */
export async function removePasskey(
  services: Services,
  tx: Tx,
  personId: string,
  id: string,
): Promise<void> {
  // Held until the end: two removals at once must not leave an account without any.
  await repository.findAccountByPerson(tx, personId);
  if (!(await accounts.deletePasskey(tx, personId, id))) throw new DomainError("request.not-found");
  if (!(await repository.hasSecondFactor(tx, personId, services.demo)))
    throw new DomainError("auth.last-factor");
}
