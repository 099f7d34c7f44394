import type { z } from "zod";
import type { signInAnswer } from "../../server/identity/contract.ts";
import { api } from "../api/client.ts";
import { base64url } from "../signing/jws.ts";

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

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Signs in with a passkey as the second factor. */
export async function answerPasskey(challengeId: string): Promise<z.infer<typeof signInAnswer>> {
  const options = await api.post<RequestOptions>("/api/session/staff/passkey/options", {
    challengeId,
  });
  const credential = (await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map((entry) => ({
        ...entry,
        id: bytesOf(entry.id),
      })),
    },
  })) as PublicKeyCredential;
  const given = credential.response as AuthenticatorAssertionResponse;
  return api.post("/api/session/staff/passkey/verify", {
    challengeId,
    response: {
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
    },
  });
}

/** Adds a passkey of this device to the account. */
export async function registerPasskey(): Promise<void> {
  const options = await api.post<CreationOptions>("/api/account/passkeys/options");
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map((entry) => ({
        ...entry,
        id: bytesOf(entry.id),
      })),
    },
  })) as PublicKeyCredential;
  const made = credential.response as AuthenticatorAttestationResponse;
  await api.post("/api/account/passkeys", {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      attestationObject: base64url(made.attestationObject),
      clientDataJSON: base64url(made.clientDataJSON),
      transports: made.getTransports?.() ?? [],
    },
  });
}
