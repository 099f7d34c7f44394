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

/** What a token says, or null: not ours, altered, or over. */
export function readToken(services: Services, sealed: string): AccessToken | null {
  try {
    const token = content.parse(JSON.parse(services.vault.open(context, sealed)));
    return token.expires * 1000 > services.clock().getTime() ? token : null;
  } catch {
    return null;
  }
}
