/** What goes wrong with the sources of records: counted by day and kind, never about whom. */
import { and, desc, eq, gte, lt, max, sql, sum } from "drizzle-orm";
import type { z } from "zod";
import { findInstitutions } from "../directory/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type { faultList } from "./connection-contract.ts";
import type { Outcome } from "./federation/federation.ts";
import type { Holder } from "./locator-service.ts";
import { recordOutside, recordSourceFault } from "./schema.ts";

const system = systemActor("record-faults");
/** What is shown; older counts are dropped. */
export const faultDays = 30;
const dayMs = 86_400_000;
type Found = { kind: string; expression: string; times: number };

/** Everything about an answer that somebody should look after. */
function faultsIn({ record, error }: Outcome): Found[] {
  if (error) return [{ kind: error.fault, expression: "", times: 1 }];
  if (!record) return [];
  return [
    ...[...record.invalidAt].map(([expression, times]) => ({
      kind: "invalid-resource",
      expression,
      times,
    })),
    ...(record.otherPatient > 0
      ? [{ kind: "other-entries", expression: "", times: record.otherPatient }]
      : []),
    ...(record.state === "withheld" || record.withholds
      ? [{ kind: "withheld", expression: "", times: 1 }]
      : []),
  ];
}

/** Adds one answer to the counts; an answer without a fault writes nothing. */
export async function noteFaults(
  services: Services,
  { institutionId, code }: Pick<Holder, "institutionId" | "code">,
  outcome: Outcome,
): Promise<void> {
  const found = faultsIn(outcome);
  if (found.length === 0) return;
  const now = services.clock();
  const values = found
    .map((one) => ({ ...one, institutionId, source: code, day: localDay(now), lastAt: now }))
    // Two questions at once take the rows in one order.
    .sort((a, b) => `${a.kind} ${a.expression}`.localeCompare(`${b.kind} ${b.expression}`));
  await services.db.withActor(system, (tx) =>
    tx
      .insert(recordSourceFault)
      .values(values)
      .onConflictDoUpdate({
        target: [
          recordSourceFault.source,
          recordSourceFault.day,
          recordSourceFault.kind,
          recordSourceFault.expression,
        ],
        set: {
          times: sql`${recordSourceFault.times} + excluded.times`,
          lastAt: sql`greatest(${recordSourceFault.lastAt}, excluded.last_at)`,
        },
      }),
  );
}

/**
 * The last 30 days of the own institution's sources, those that fail most lately first.
 * @throws DomainError `permission.denied`
 */
export async function listFaults({
  tx,
  actor,
  now,
}: Work<StaffActor>): Promise<z.input<typeof faultList>> {
  assertPermission(actor, "record.manage");
  const rows = await tx
    .select({
      source: recordSourceFault.source,
      kind: recordSourceFault.kind,
      expression: recordSourceFault.expression,
      times: sum(recordSourceFault.times).mapWith(Number),
      lastAt: max(recordSourceFault.lastAt),
    })
    .from(recordSourceFault)
    .where(
      and(
        eq(recordSourceFault.institutionId, actor.institutionId),
        gte(recordSourceFault.day, localDay(new Date(now.getTime() - faultDays * dayMs))),
      ),
    )
    .groupBy(recordSourceFault.source, recordSourceFault.kind, recordSourceFault.expression)
    .orderBy(desc(max(recordSourceFault.lastAt)), recordSourceFault.kind)
    .limit(500);
  const servers = await tx
    .select({ id: recordOutside.id, name: recordOutside.name })
    .from(recordOutside)
    .where(eq(recordOutside.institutionId, actor.institutionId));
  const own = (await findInstitutions(tx)).find((one) => one.id === actor.institutionId);
  return {
    days: faultDays,
    faults: rows.map((row) => ({
      source: row.source,
      name:
        servers.find((one) => one.id === row.source)?.name ??
        (own?.slug === row.source ? own.name : row.source),
      kind: row.kind as z.input<typeof faultList>["faults"][number]["kind"],
      expression: row.expression || null,
      times: row.times,
      lastAt: row.lastAt!.toISOString(),
    })),
  };
}

export const dropOldFaults = (services: Services): Promise<void> =>
  services.db.withActor(system, async (tx) => {
    const first = new Date(services.clock().getTime() - 2 * faultDays * dayMs);
    await tx.delete(recordSourceFault).where(lt(recordSourceFault.day, localDay(first)));
  });
