import { and, eq, gt, isNull } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { smartClient } from "./schema.ts";
import { tokenSeconds } from "./token.ts";

const actor = systemActor("smart-ended");
/** How long the list is believed: what was ended at another replica is refused here within a second. */
const believedMs = 1000;
type Known = { at: number; ids: Promise<ReadonlySet<string>> };
const known = new WeakMap<Database, Known>();

/**
 * Whether a client was ended while tokens of it are still about: those are sealed and say nothing of it.
 * One query a second, whoever asks how often.
 */
export async function isEnded(services: Services, client: string): Promise<boolean> {
  const now = performance.now();
  const before = known.get(services.db);
  if (before && now - before.at < believedMs) return (await before.ids).has(client);
  const own: Known = { at: now, ids: load(services) };
  known.set(services.db, own);
  own.ids.catch(() => {
    if (known.get(services.db) === own) known.delete(services.db);
  });
  return (await own.ids).has(client);
}

/** After one was ended here, committed: the next request asks anew. */
export const forgetEnded = (services: Services): void => void known.delete(services.db);

const load = (services: Services) =>
  services.db.withActor(actor, async (tx) => {
    // Older ones have no token left.
    const since = new Date(services.clock().getTime() - tokenSeconds * 1000);
    const rows = await tx
      .select({ id: smartClient.id })
      .from(smartClient)
      .where(gt(smartClient.disabledAt, since));
    return new Set(rows.map(({ id }) => id));
  });

/** Whether a client is registered and not ended, however long ago: for work that outlives tokens. */
export const stillCounts = (services: Services, client: string): Promise<boolean> =>
  services.db.withActor(actor, async (tx) => {
    const rows = await tx
      .select({ id: smartClient.id })
      .from(smartClient)
      .where(and(eq(smartClient.id, client), isNull(smartClient.disabledAt)));
    return rows.length === 1;
  });
