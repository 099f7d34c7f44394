import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";

/** Whether this actor may see a consult: asked of the same function that the row policies ask. */
export async function maySeeConsult(
  db: Database,
  actor: Actor,
  consultId: string,
): Promise<boolean> {
  const [row] = await db.withActor(actor, (tx) =>
    tx.execute<{ may: boolean }>(sql`select app.may_see_consult(${consultId}::uuid) as may`),
  );
  return row?.may ?? false;
}
