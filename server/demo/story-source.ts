import { and, eq, isNull } from "drizzle-orm";
import { institution } from "../directory/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { recordStore } from "../records/schema.ts";

/** The record source that the story stops: the county's hospital, beside Sakya's and Xuhui's own. */
const storySource = "sakya-hospital";

/** Whether the story's source is stopped. */
export async function readStorySource(services: Services): Promise<{ paused: boolean }> {
  const [row] = await services.db.withActor(systemActor("demo"), (tx) =>
    tx
      .select({ pausedAt: recordStore.pausedAt })
      .from(recordStore)
      .innerJoin(institution, eq(institution.id, recordStore.institutionId))
      .where(eq(institution.slug, storySource)),
  );
  if (!row) throw new DomainError("request.not-found");
  return { paused: row.pausedAt !== null };
}

/** Stop it, or let it answer again; what an administrator does to a store. */
export async function pauseStorySource(
  services: Services,
  paused: boolean,
): Promise<{ paused: boolean }> {
  await services.db.withActor(systemActor("demo"), async (tx) => {
    const [found] = await tx
      .select({ id: institution.id })
      .from(institution)
      .where(eq(institution.slug, storySource));
    if (!found) throw new DomainError("request.not-found");
    await tx
      .update(recordStore)
      .set({ pausedAt: paused ? services.clock() : null, pausedBy: null })
      .where(
        and(
          eq(recordStore.institutionId, found.id),
          paused ? isNull(recordStore.pausedAt) : undefined,
        ),
      );
  });
  services.records.refresh();
  return { paused };
}
