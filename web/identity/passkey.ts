import type { z } from "zod";
import type { passkeyOptions, signInAnswer } from "../../server/identity/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { t } from "../i18n/i18n.ts";
import { base64url } from "../signing/jws.ts";

type Asked<Options> = Omit<z.infer<typeof passkeyOptions>, "options"> & { options: Options };
type RequestOptions = {
  challenge: string;
  rpId?: string;
  timeout?: number;
  userVerification?: UserVerificationRequirement;
  allowCredentials?: { id: string; type: "public-key"; transports?: AuthenticatorTransport[] }[];
};
type CreationOptions = {
  challenge: string;
  rp: PublicKeyCredentialRpEntity;
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout?: number;
  attestation?: AttestationConveyancePreference;
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  excludeCredentials?: { id: string; type: "public-key" }[];
};

/** Whether this page may ask for passkeys: browsers offer them over HTTPS and on localhost only. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && isSecureContext;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** What the browser says about passkeys is for developers; people are told what to do. */
async function inWords<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : "";
    const word =
      name === "InvalidStateError" ? "known" : passkeysWork() ? "cancelled" : "unavailable";
    throw new ApiError({
      code: `page.passkey-${word}`,
      title: t(`consult.proof.${word}`),
      detail: t(`consult.proof.${word}Detail`),
    });
  }
}

/** Lets the browser sign a challenge with one of the passkeys that fit. */
async function assertion(options: RequestOptions): Promise<Record<string, unknown>> {
  const credential = (await inWords(() =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytesOf(options.challenge),
        allowCredentials: (options.allowCredentials ?? []).map((entry) => ({
          ...entry,
          id: bytesOf(entry.id),
        })),
      },
    }),
  )) as PublicKeyCredential;
  const given = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      authenticatorData: base64url(given.authenticatorData),
      clientDataJSON: base64url(given.clientDataJSON),
      signature: base64url(given.signature),
      ...(given.userHandle ? { userHandle: base64url(given.userHandle) } : {}),
    },
  };
}

async function answer<Answer>(asked: string, answered: string, body: object = {}): Promise<Answer> {
  const { challengeId, options } = await api.post<Asked<RequestOptions>>(asked, body);
  return api.post(answered, { challengeId, response: await assertion(options) });
}

type SignInAnswer = z.infer<typeof signInAnswer>;

/** Signs in with a passkey alone: whose it is, the passkey says. */
export function signInByPasskey(): Promise<SignInAnswer> {
  return answer("/api/session/passkey/options", "/api/session/passkey");
}

/** The passkey as second factor after the password. */
export function answerPasskey(challengeId: string): Promise<SignInAnswer> {
  const url = "/api/session/staff/passkey";
  return answer(`${url}/options`, `${url}/verify`, { challengeId });
}

/** Proves once more who is at the keyboard. */
export function proveByPasskey(): Promise<unknown> {
  const url = "/api/session/reauthenticate/passkey";
  return answer(`${url}/options`, url);
}

/** Adds a passkey of this device to the account. */
export async function registerPasskey(): Promise<void> {
  const { challengeId, options } = await api.post<Asked<CreationOptions>>(
    "/api/account/passkeys/options",
  );
  const credential = (await inWords(() =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytesOf(options.challenge),
        user: { ...options.user, id: bytesOf(options.user.id) },
        excludeCredentials: (options.excludeCredentials ?? []).map((entry) => ({
          ...entry,
          id: bytesOf(entry.id),
        })),
      },
    }),
  )) as PublicKeyCredential;
  const made = credential.response as AuthenticatorAttestationResponse;
  await api.post("/api/account/passkeys", {
    challengeId,
    response: {
      id: credential.id,
      rawId: base64url(credential.rawId),
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: {
        attestationObject: base64url(made.attestationObject),
        clientDataJSON: base64url(made.clientDataJSON),
        transports: made.getTransports?.() ?? [],
      },
    },
  });
}
