import { z } from "zod";
import type { Services } from "../http/context.ts";

const context = "smart.access_token";
/** SMART: no longer than five minutes for backend services. */
export const tokenSeconds = 300;

const content = z.object({
  client: z.uuid(),
  name: z.string(),
  institution: z.uuid(),
  scopes: z.array(z.string()),
  expires: z.number(),
});
export type AccessToken = z.infer<typeof content>;

/** Sealed with the installation's keys: nobody else reads or makes one, and every replica knows it. */
export function issueToken(services: Services, token: Omit<AccessToken, "expires">): string {
  const expires = Math.floor(services.clock().getTime() / 1000) + tokenSeconds;
  return services.vault.seal(context, JSON.stringify({ ...token, expires }));
}

/** Opened before, and by which keys: a system shows the same token thousands of times in its five minutes. */
const opened = new WeakMap<Services["vault"], Map<string, AccessToken>>();
const openedMax = 1000;

/** What a token says, or null: not ours, altered, or over. */
export function readToken(services: Services, sealed: string): AccessToken | null {
  const own = opened.get(services.vault) ?? new Map<string, AccessToken>();
  opened.set(services.vault, own);
  const token = own.get(sealed) ?? openToken(services, sealed);
  if (!token || token.expires * 1000 <= services.clock().getTime()) {
    own.delete(sealed);
    return null;
  }
  if (own.size >= openedMax) own.clear();
  own.set(sealed, token);
  return token;
}

function openToken(services: Services, sealed: string): AccessToken | null {
  try {
    return content.parse(JSON.parse(services.vault.open(context, sealed)));
  } catch {
    return null;
  }
}
