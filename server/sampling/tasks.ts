import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";

/**
 * Tubes that are not in the laboratory two hours after their first swab (domain.md) are told to the site's leads
 * and couriers: once for each oldest tube of a site. Running twice tells nothing twice.
 */
export async function tellLateTubes(tx: Tx, now: Date): Promise<void> {
  const late = await tx.execute<{
    siteId: string;
    institutionId: string;
    count: number;
    oldest: string;
  }>(sql`
    select site_id as "siteId", institution_id as "institutionId", count(*)::int as count,
      (array_agg(code order by lab_due_at, code))[1] as oldest
    from tube where state in ('collecting', 'sealed', 'in-transit') and lab_due_at < ${now.toISOString()}
    group by site_id, institution_id`);
  for (const one of late) {
    const people = [
      ...(await findWithPermission(tx, one.institutionId, "sampling.lead", now)),
      ...(await findWithPermission(tx, one.institutionId, "sampling.courier", now)),
    ];
    await notify(tx, {
      personIds: people,
      kind: "tubes-late",
      entityType: "sampling-site",
      entityId: one.siteId,
      detail: { count: one.count },
      dedupeKey: `tubes-late:${one.siteId}:${one.oldest}`,
      at: now,
    });
  }
}

export const samplingTasks: TaskList = {
  "sampling:late": task(noPayload, async (_, { asJob, clock }) => {
    await asJob((tx) => tellLateTubes(tx, clock()));
  }),
};

export const samplingSchedule: readonly ScheduledTask[] = [
  { task: "sampling:late", cron: "*/5 * * * *" },
];
