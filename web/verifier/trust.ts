/**
 * What a verifier believes: the keys of this installation, what was taken back, and the policy, with the
 * time from which they are. Kept on the device, so that a card is checked without a line.
 */
import type { z } from "zod";
import type { CardPolicyView, publishedKey, revocationList } from "../../server/cards/contract.ts";
import { localStore } from "../api/local-store.ts";

export type PublishedKey = z.infer<typeof publishedKey>;
export type Trust = {
  policy: CardPolicyView;
  keys: PublishedKey[];
  /** Names of what was taken back, by key. */
  revoked: Record<string, string[]>;
  /** When all of it was read, milliseconds. */
  readAt: number;
};

const storeKey = "verifier:trust";
const waitMilliseconds = 8000;

async function read<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(path, {
    cache: "no-cache",
    signal: AbortSignal.timeout(waitMilliseconds),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as Answer;
}

/** Reads everything anew and keeps it. @throws when there is no line */
export async function refreshTrust(now: number): Promise<Trust> {
  const [policy, { keys }] = await Promise.all([
    read<CardPolicyView>("/api/cards/policy"),
    read<{ keys: PublishedKey[] }>("/.well-known/jwks.json"),
  ]);
  const lists = await Promise.all(
    keys
      .filter((key) => key.crlVersion !== undefined)
      .map((key) => read<z.infer<typeof revocationList>>(`/.well-known/crl/${key.kid}.json`)),
  );
  const trust: Trust = {
    policy,
    keys,
    revoked: Object.fromEntries(lists.map((list) => [list.kid, list.rids])),
    readAt: now,
  };
  await localStore.write(storeKey, trust);
  return trust;
}

/** What this device kept, or null at the first visit. */
export async function keptTrust(): Promise<Trust | null> {
  return (await localStore.read<Trust>(storeKey)) ?? null;
}
