import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { courierWork, receiveBody, runBody, runTubeBody, runView } from "./contract.ts";
import type { CourierRunState, TubeSize, TubeState } from "./domain.ts";
import * as repository from "./repository.ts";
import { courierRun } from "./schema.ts";
import { parseTubeCode } from "./tube-code.ts";
import { institutionNames, iso, isoOrNull, siteName } from "./view.ts";

type Staff = Work<StaffActor>;
type TubeOfRun = {
  code: string;
  size: TubeSize;
  count: number;
  state: TubeState;
  labDueAt: string;
  siteId: string;
  runId: string | null;
};
type RunRow = {
  id: string;
  version: number;
  box: string;
  state: CourierRunState;
  siteId: string;
  laboratoryId: string;
  courierId: string;
  openedAt: string;
  pickedUpAt: string | null;
  deliveredAt: string | null;
  receivedBy: string | null;
  receivedCount: number | null;
};

const findTubes = (tx: Tx, where: SQL) =>
  tx.execute<TubeOfRun>(sql`select t.code, t.size, t.count, t.state, t.lab_due_at as "labDueAt", t.site_id as "siteId", t.run_id as "runId"
    from tube t where ${where} order by t.lab_due_at, t.code`);

const findRuns = (tx: Tx, where: SQL) =>
  tx.execute<RunRow>(sql`select r.id, r.version, r.box, r.state, r.site_id as "siteId", r.laboratory_id as "laboratoryId", r.courier_id as "courierId",
      r.opened_at as "openedAt", r.picked_up_at as "pickedUpAt", r.delivered_at as "deliveredAt", o.name as "receivedBy", r.received_count as "receivedCount"
    from courier_run r left join person o on o.id = r.received_by where ${where} order by r.opened_at desc limit 30`);

const viewTube = (row: TubeOfRun) => ({
  code: row.code,
  size: row.size,
  count: row.count,
  state: row.state,
  labDueAt: iso(row.labDueAt),
});

async function viewRuns(tx: Tx, rows: readonly RunRow[]): Promise<z.input<typeof runView>[]> {
  if (rows.length === 0) return [];
  const list = (ids: readonly string[]) =>
    sql.join(
      ids.map((one) => sql`${one}`),
      sql`, `,
    );
  const sites = await repository.findSites(
    tx,
    sql`s.id in (${list(rows.map((row) => row.siteId))})`,
  );
  const tubes = await findTubes(tx, sql`t.run_id in (${list(rows.map((row) => row.id))})`);
  const nameOf = await institutionNames(
    tx,
    rows.map((row) => row.laboratoryId),
  );
  return rows.map(({ siteId, laboratoryId, courierId: _, ...row }) => {
    const own = tubes.filter((tube) => tube.runId === row.id);
    return {
      ...row,
      site: siteName(sites.find((site) => site.id === siteId)!),
      laboratory: nameOf(laboratoryId),
      openedAt: iso(row.openedAt),
      pickedUpAt: isoOrNull(row.pickedUpAt),
      deliveredAt: isoOrNull(row.deliveredAt),
      labDueAt: own[0] ? iso(own[0].labDueAt) : null,
      tubes: own.map(viewTube),
    };
  });
}

/** My boxes, and which sites have sealed tubes that nobody took. Tubes only, never people. */
export async function readCourierWork({
  tx,
  actor,
  now,
}: Staff): Promise<z.input<typeof courierWork>> {
  assertPermission(actor, "sampling.courier");
  const recent = new Date(now.getTime() - 12 * 3_600_000).toISOString();
  const runs = await findRuns(
    tx,
    sql`r.courier_id = ${actor.personId} and (r.state <> 'delivered' or r.delivered_at > ${recent})`,
  );
  const tubes = await findTubes(tx, sql`t.state = 'sealed' and t.run_id is null`);
  const sites = await repository.findSites(
    tx,
    sql`exists (select 1 from tube t where t.site_id = s.id and t.state = 'sealed' and t.run_id is null)`,
  );
  const nameOf = await institutionNames(
    tx,
    sites.map((site) => site.laboratoryId),
  );
  return {
    now: now.toISOString(),
    runs: await viewRuns(tx, runs),
    waiting: sites.map((site) => {
      const own = tubes.filter((tube) => tube.siteId === site.id);
      return {
        siteId: site.id,
        site: siteName(site),
        place: site.place,
        laboratory: nameOf(site.laboratoryId),
        tubes: own.map(viewTube),
        labDueAt: iso(own[0]!.labDueAt),
      };
    }),
  };
}

/** A box at a site, empty. */
export async function openRun(
  work: Staff,
  input: z.output<typeof runBody>,
): Promise<z.input<typeof runView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.courier");
  const [site] = await repository.findSites(
    tx,
    sql`s.id = ${input.siteId} and ${actor.institutionId} in (s.institution_id, s.laboratory_id)`,
  );
  if (!site) throw new DomainError("request.not-found");
  const [row] = await tx
    .insert(courierRun)
    .values({
      siteId: site.id,
      institutionId: site.institutionId,
      laboratoryId: site.laboratoryId,
      courierId: actor.personId,
      box: input.box,
      openedAt: now,
    })
    .returning({ id: courierRun.id });
  await trace(tx, actor, origin, {
    action: "sampling.box",
    entityType: "courier-run",
    entityId: row!.id,
  });
  return readRun(work, row!.id);
}

async function loadRun({ tx }: Staff, id: string): Promise<RunRow> {
  const [row] = await findRuns(tx, sql`r.id = ${id}`);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

export async function readRun(work: Staff, id: string): Promise<z.input<typeof runView>> {
  if (!work.actor.permissions.has("lab.receive")) assertPermission(work.actor, "sampling.courier");
  const [view] = await viewRuns(work.tx, [await loadRun(work, id)]);
  return view!;
}

/**
 * Scan a tube into the box, or take it out again before it leaves. Scanned twice it lies in it once.
 * @throws DomainError `sampling.tube-format`, `sampling.tube-not-here`: not sealed, of another site, in another box
 */
export async function packTube(
  work: Staff,
  id: string,
  input: z.output<typeof runTubeBody>,
): Promise<z.input<typeof runView>> {
  const { tx, actor } = work;
  assertPermission(actor, "sampling.courier");
  const run = await loadRun(work, id);
  if (run.courierId !== actor.personId || run.state !== "collecting")
    throw new DomainError("sampling.illegal-step");
  const parsed = parseTubeCode(input.code);
  if (!parsed) throw new DomainError("sampling.tube-format", { code: input.code.slice(0, 20) });
  const [tube] = await findTubes(tx, sql`t.code = ${parsed.code}`);
  if (
    !tube ||
    tube.siteId !== run.siteId ||
    tube.state !== "sealed" ||
    (tube.runId && tube.runId !== id)
  )
    throw new DomainError("sampling.tube-not-here", { code: parsed.code });
  if ((tube.runId === id) === input.remove)
    await tx.execute(
      sql`update tube set run_id = ${input.remove ? null : id}, version = version + 1 where code = ${parsed.code}`,
    );
  return readRun(work, id);
}

/** The box leaves: every tube in it is on its way. @throws DomainError `sampling.run-empty` */
export async function pickUp(work: Staff, id: string): Promise<z.input<typeof runView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.courier");
  const run = await loadRun(work, id);
  if (run.courierId !== actor.personId) throw new DomainError("permission.denied");
  if (run.state !== "collecting") return readRun(work, id);
  const moved = await tx.execute<{ id: string }>(sql`
    update tube set state = 'in-transit', picked_up_at = ${now.toISOString()}, version = version + 1
    where run_id = ${id} and state = 'sealed' returning id`);
  if (moved.length === 0) throw new DomainError("sampling.run-empty");
  await tx.execute(sql`
    update courier_run set state = 'in-transit', picked_up_at = ${now.toISOString()}, version = version + 1 where id = ${id}`);
  await trace(tx, actor, origin, {
    action: "sampling.pick-up",
    entityType: "courier-run",
    entityId: id,
    detail: { tubes: moved.length },
  });
  return readRun(work, id);
}

/**
 * The laboratory signs for a box, with what it counted. Each tube is received by its own scan after that, so
 * that one that is missing is found. Signed twice it is signed once.
 * @throws DomainError `sampling.illegal-step` before it left
 */
export async function receiveRun(
  work: Staff,
  id: string,
  input: z.output<typeof receiveBody>,
): Promise<z.input<typeof runView>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "lab.receive");
  const run = await loadRun(work, id);
  if (run.state === "delivered") return readRun(work, id);
  if (run.state !== "in-transit") throw new DomainError("sampling.illegal-step");
  if (run.courierId === actor.personId) throw new DomainError("sampling.two-persons");
  await tx.execute(sql`
    update courier_run set state = 'delivered', delivered_at = ${now.toISOString()}, received_by = ${actor.personId},
      received_count = ${input.count}, note = ${input.note}, version = version + 1 where id = ${id}`);
  await trace(tx, actor, origin, {
    action: "sampling.deliver",
    entityType: "courier-run",
    entityId: id,
    detail: { counted: input.count },
  });
  return readRun(work, id);
}

/** Boxes on their way to this laboratory, the most urgent first. */
export async function listIncoming({ tx, actor }: Staff): Promise<z.input<typeof runView>[]> {
  assertPermission(actor, "lab.receive");
  const rows = await findRuns(
    tx,
    sql`r.laboratory_id = ${actor.institutionId} and r.state = 'in-transit'`,
  );
  return (await viewRuns(tx, rows)).sort((left, right) =>
    (left.labDueAt ?? "").localeCompare(right.labDueAt ?? ""),
  );
}
