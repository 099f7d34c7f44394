import { inArray } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { RegisteredKey } from "./public-key.ts";
import { signingKey } from "./schema.ts";

/** Keys of these people, revoked ones too: a signature is judged by the state at its own time. */
export async function findKeys(tx: Tx, personIds: readonly string[]): Promise<RegisteredKey[]> {
  if (personIds.length === 0) return [];
  return tx
    .select()
    .from(signingKey)
    .where(inArray(signingKey.personId, [...personIds]));
}
