import { eq, inArray } from "drizzle-orm";
import { institution } from "../directory/schema.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { databaseOf } from "../records/domain.ts";
import { recordStore } from "../records/schema.ts";
import type { DemoIds } from "./load.ts";

/** Institutions of the demo that keep their records in a database of their own here. */
export const demoStores = ["sakya-chc", "xuhui-central"] as const;

/** The demo's record stores, and the clinical records of its story in them. Repeatable. */
export async function loadDemoRecords(services: Services, _ids: DemoIds): Promise<void> {
  await services.db.withActor(systemActor("demo"), async (tx) => {
    const rows = await tx
      .select({ id: institution.id, code: institution.slug })
      .from(institution)
      .where(inArray(institution.slug, [...demoStores]));
    for (const { id, code } of rows) {
      const known = await tx.select().from(recordStore).where(eq(recordStore.institutionId, id));
      if (known.length === 0)
        await tx
          .insert(recordStore)
          .values({ institutionId: id, kind: "hosted", location: databaseOf(code) });
    }
  });
  services.records.refresh();
}
