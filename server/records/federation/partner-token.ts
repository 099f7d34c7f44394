/** Tokens of remote stores, kept until shortly before they are over. */
import { z } from "zod";
import { parseJson } from "../../fhir/service.ts";
import { exchange, type Limits } from "./exchange.ts";
import { PartnerError } from "./fault.ts";
import { type RecordSource, type SignIn, tokenKeyOf } from "./source.ts";

const answer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8000}$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
});
/** A token is renewed so long before it ends. */
const earlyMs = 20_000;
const usualSeconds = 60;
const tokenBytes = 64 * 1024;

export type TokenKeeper = {
  /** @throws PartnerError `refused` and those of an exchange */
  tokenOf(source: RecordSource, limits: Limits, leftMs: number): Promise<string | null>;
  /** The partner did not take it. */
  forget(source: RecordSource): void;
};

export function createTokenKeeper(now: () => number = () => performance.now()): TokenKeeper {
  const kept = new Map<string, { token: string; until: number }>();
  return {
    tokenOf: async (source, limits, leftMs) => {
      const { signIn } = source;
      if (!signIn) return null;
      const known = kept.get(tokenKeyOf(source));
      if (known && known.until > now()) return known.token;
      const { form, authorization } = await proofOf(signIn);
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        ...(signIn.scope ? { scope: signIn.scope } : {}),
        ...form,
      }).toString();
      const bytes = await exchange({
        method: "POST",
        url: new URL(signIn.tokenUrl),
        headers: {
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
          ...(authorization ? { authorization } : {}),
        },
        body,
        via: null,
        privateNetwork: source.privateNetwork,
        limits: { ...limits, bodyBytes: tokenBytes },
        leftMs,
      }).catch((error: unknown) => {
        // A sign-in that says 400 refuses us as one that says 401.
        throw error instanceof PartnerError && error.status === 400
          ? new PartnerError("refused", { status: 400 })
          : error;
      });
      const read = answer.safeParse(readable(bytes));
      if (!read.success) throw new PartnerError("refused");
      const lifeMs = (read.data.expires_in ?? usualSeconds) * 1000;
      kept.set(tokenKeyOf(source), {
        token: read.data.access_token,
        until: now() + Math.max(1000, lifeMs - earlyMs),
      });
      return read.data.access_token;
    },
    forget: (source) => void kept.delete(tokenKeyOf(source)),
  };
}

/** By which we show who we are: a secret in the header, or an assertion in the body. */
async function proofOf(
  signIn: SignIn,
): Promise<{ form: Record<string, string>; authorization: string | null }> {
  if ("assertion" in signIn)
    return {
      form: {
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await signIn.assertion(),
      },
      authorization: null,
    };
  const { clientId, clientSecret } = signIn;
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  return { form: {}, authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function readable(bytes: Buffer): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return null;
  }
}
