import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { type ErrorCode, sentence } from "../errors/registry.ts";
import { type Actor, type Language, languages } from "../identity/domain.ts";
import { type Acknowledgement, realtimeProtocol } from "./contract.ts";

export type HandshakeRequest = Pick<IncomingMessage, "headers">;

/**
 * Who connects, by the session cookie of the handshake.
 * @returns null when nobody is signed in
 */
export type Authenticate = (request: HandshakeRequest) => Promise<Actor | null>;

const auth = z.object({ protocol: z.literal(realtimeProtocol) });

/** Whether the page speaks this server's protocol; an outdated page reloads itself. */
export function speaksOurProtocol(handshakeAuth: unknown): boolean {
  return auth.safeParse(handshakeAuth).success;
}

/** The language of a page that nobody is known of yet. */
export function languageOfHandshake({ headers }: HandshakeRequest): Language {
  const asked = headers["accept-language"]?.toLowerCase() ?? "";
  return languages.find((language) => asked.startsWith(language.slice(0, 2))) ?? "zh-CN";
}

/** Codes of a refused connection, by what the page does next: reload, sign in, or try again later. */
const refusalCodes = {
  "protocol-outdated": "realtime.outdated",
  "auth.required": "auth.required",
  "request.too-many": "request.too-many",
  "service.unavailable": "service.unavailable",
} as const satisfies Record<string, ErrorCode>;

/** A refused connection: `connect_error` gives the page `message` (the code) and `data`. */
export function connectionRefused(code: keyof typeof refusalCodes, language: Language): Error {
  const detail = sentence(refusalCodes[code], language, { seconds: 30 });
  return Object.assign(new Error(code), { data: { code, detail } });
}

/** A refusal as the acknowledgement of an event. */
export function eventRefused(code: ErrorCode, language: Language): Acknowledgement<never> {
  return { ok: false, error: { code, detail: sentence(code, language, { seconds: 1 }) } };
}
