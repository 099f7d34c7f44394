import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { positionOf } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import type { siteBody, siteList, siteView, stationBody } from "./contract.ts";
import { queueMinutes } from "./domain.ts";
import * as repository from "./repository.ts";
import { samplingDuty, samplingSite, samplingStation } from "./schema.ts";
import * as sites from "./site-repository.ts";
import { schedulesOfSites } from "./site-schedule-service.ts";
import { makeTubeCode } from "./tube-code.ts";
import { institutionNames, iso, isoOrNull, siteName } from "./view.ts";

type Staff = Work<StaffActor>;

/** The institution's sites with their stations, pace, queue and what phones could not do. */
export async function listSites(work: Staff): Promise<z.input<typeof siteList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "sampling.lead");
  const day = localDay(now);
  const rows = await repository.findSites(
    tx,
    sql`s.institution_id = ${actor.institutionId} and (s.closes_at is null or s.closes_at > ${new Date(now.getTime() - 24 * 3_600_000).toISOString()})`,
  );
  const laboratories = await tx.execute<{ id: string }>(
    sql`select id from institution where kind in ('hospital') order by slug`,
  );
  const nameOf = await institutionNames(tx, [
    ...laboratories.map((one) => one.id),
    ...rows.map((one) => one.laboratoryId),
  ]);
  return {
    sites: await viewSites(work, rows),
    samplers: await sites.findSamplers(tx, actor.institutionId, day, now),
    schedules: await schedulesOfSites(work, await sites.findLinked(tx, actor.institutionId)),
    laboratories: laboratories.map(({ id }) => ({ id, name: nameOf(id) })),
    tubes: (await repository.findStock(tx, actor.institutionId)).map(({ size, next, left }) => ({
      size,
      next: next === null ? null : makeTubeCode(size, next),
      left,
    })),
  };
}

async function viewSites(
  { tx, now }: Staff,
  rows: readonly repository.SiteRow[],
): Promise<z.input<typeof siteView>[]> {
  const ids = rows.map((row) => row.id);
  const stations = await sites.stationsOf(tx, ids, now);
  const waiting = await sites.waitingOf(tx, ids, localDay(now), now);
  const conflicts = await sites.findConflicts(tx, sql`true`);
  const nameOf = await institutionNames(
    tx,
    rows.map((row) => row.laboratoryId),
  );
  return rows.map((row) => {
    const own = stations.filter((one) => one.siteId === row.id);
    const people = waiting.find((one) => one.siteId === row.id);
    const perHour = own
      .filter((one) => one.state === "open")
      .reduce((sum, one) => sum + one.perHour, 0);
    return {
      id: row.id,
      name: siteName(row),
      place: row.place,
      feverPlace: row.feverPlace,
      poolSize: row.poolSize,
      purpose: row.purpose,
      laboratory: nameOf(row.laboratoryId),
      opensAt: iso(row.opensAt),
      closesAt: isoOrNull(row.closesAt),
      population: row.population,
      orderId: row.orderId,
      scheduleId: row.scheduleId,
      stations: own.map(({ openCode, openCount, openSize, siteId: _, ...one }) => ({
        ...one,
        openTube: openCode ? { code: openCode, count: openCount ?? 0, size: openSize! } : null,
      })),
      waiting: people?.waiting ?? 0,
      sampledToday: people?.sampled ?? 0,
      perHour,
      queueMinutes: queueMinutes(people?.waiting ?? 0, perHour),
      tubesToCollect: people?.toCollect ?? 0,
      tubesLate: people?.late ?? 0,
      conflicts: conflicts
        .filter((one) => one.siteId === row.id)
        .map(({ siteId: _, ...one }) => ({
          ...one,
          at: iso(one.at),
          receivedAt: iso(one.receivedAt),
        })),
    };
  });
}

/** A new site with its stations, closed until somebody works at them. */
export async function createSite(
  work: Staff,
  input: z.output<typeof siteBody>,
): Promise<{ id: string }> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "sampling.lead");
  if (input.closesAt && new Date(input.closesAt) <= new Date(input.opensAt))
    throw new DomainError("request.invalid");
  const [laboratory] = await tx.execute(
    sql`select 1 from institution where id = ${input.laboratoryId} and kind = 'hospital'`,
  );
  if (!laboratory) throw new DomainError("request.not-found");
  if (input.purpose === "surge" || input.orderId) await assertConfirmedOrder(work, input.orderId);
  const stands = input.whereabouts ? await positionOf(tx, input.whereabouts) : null;
  const [row] = await tx
    .insert(samplingSite)
    .values({
      latitude: stands?.latitude ?? null,
      longitude: stands?.longitude ?? null,
      institutionId: actor.institutionId,
      nameZh: input.name,
      nameEn: input.name,
      place: input.place,
      feverPlace: input.feverPlace,
      purpose: input.purpose,
      poolSize: input.poolSize,
      laboratoryId: input.laboratoryId,
      opensAt: new Date(input.opensAt),
      closesAt: input.closesAt ? new Date(input.closesAt) : null,
      population: input.population,
      orderId: input.orderId,
    })
    .returning({ id: samplingSite.id });
  await addRows(work, row!.id, input.stations);
  await trace(tx, actor, origin, {
    action: "sampling.site",
    entityType: "sampling-site",
    entityId: row!.id,
    detail: { stations: input.stations },
  });
  return { id: row!.id };
}

/** @throws DomainError `sampling.order-unconfirmed`: a surge has an order that two persons signed */
async function assertConfirmedOrder({ tx, actor }: Staff, orderId: string | null): Promise<void> {
  const [order] = orderId
    ? await sites.findOrders(
        tx,
        sql`o.id = ${orderId} and o.institution_id = ${actor.institutionId}`,
      )
    : [];
  if (!order?.confirmedBy) throw new DomainError("sampling.order-unconfirmed");
}

/** More stations of a site, numbered on. */
export async function addStations(
  work: Staff,
  siteId: string,
  count: number,
): Promise<z.input<typeof siteView>> {
  assertPermission(work.actor, "sampling.lead");
  await ownSite(work, siteId);
  await addRows(work, siteId, count);
  return readSite(work, siteId);
}

async function addRows({ tx }: Staff, siteId: string, count: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${siteId}, 8))`);
  await tx.execute(sql`
    insert into sampling_station (site_id, number)
    select ${siteId}, n + coalesce((select max(number) from sampling_station where site_id = ${siteId}), 0)
    from generate_series(1, ${count}::int) n`);
}

async function ownSite({ tx, actor }: Staff, id: string): Promise<repository.SiteRow> {
  const [row] = await repository.findSites(
    tx,
    sql`s.id = ${id} and s.institution_id = ${actor.institutionId}`,
  );
  if (!row) throw new DomainError("request.not-found");
  return row;
}

async function readSite(work: Staff, id: string): Promise<z.input<typeof siteView>> {
  const [view] = await viewSites(work, [await ownSite(work, id)]);
  return view!;
}

/**
 * Open, pause or close a station, and who works there. Samplers change the state of the one where they work;
 * leads everything. Somebody who works elsewhere in this institution changes over.
 * @throws DomainError `permission.denied`, `sampling.no-duty`, `sampling.sampler-busy`
 */
export async function changeStation(
  work: Staff,
  id: string,
  input: z.output<typeof stationBody>,
): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  const leads = actor.permissions.has("sampling.lead");
  assertPermission(actor, leads ? "sampling.lead" : "sampling.collect");
  const [station] = await tx.execute<{ siteId: string; samplerId: string | null }>(sql`
    select st.site_id as "siteId", st.sampler_id as "samplerId" from sampling_station st join sampling_site s on s.id = st.site_id
    where st.id = ${id} and s.institution_id = ${actor.institutionId}`);
  if (!station) throw new DomainError("request.not-found");
  if (!leads) {
    const duty = await repository.findDuty(tx, actor.personId, localDay(now));
    if (duty?.stationId !== id || input.samplerId !== undefined || input.priority !== undefined)
      throw new DomainError("permission.denied");
  }
  if (input.samplerId !== undefined && input.samplerId !== station.samplerId) {
    if (station.samplerId) await endDuty(work, station.samplerId);
    if (input.samplerId) {
      await endDuty(work, input.samplerId);
      await tx.insert(samplingDuty).values({
        personId: input.samplerId,
        siteId: station.siteId,
        stationId: id,
        day: localDay(now),
        startedAt: now,
        assignedBy: actor.personId,
      });
    }
  }
  const samplerId = input.samplerId === undefined ? station.samplerId : input.samplerId;
  if (input.state === "open" && !samplerId) throw new DomainError("sampling.nobody-there");
  await tx
    .update(samplingStation)
    .set({
      ...(input.state ? { state: input.state } : {}),
      // Nobody there: nobody is sent there.
      ...(samplerId ? {} : { state: "closed" as const }),
      ...(input.priority === undefined ? {} : { priority: input.priority }),
      samplerId,
      changedAt: now,
    })
    .where(sql`${samplingStation.id} = ${id}`);
  await trace(tx, actor, origin, {
    action: "sampling.station",
    entityType: "sampling-station",
    entityId: id,
    detail: { state: input.state ?? null, assigned: input.samplerId !== undefined },
  });
  return { ok: true };
}

/** Whoever worked elsewhere leaves that station; it closes. */
async function endDuty({ tx, now }: Staff, personId: string): Promise<void> {
  await tx.execute(sql`
    update sampling_station set sampler_id = null, state = 'closed', changed_at = ${now.toISOString()} where sampler_id = ${personId}`);
  await tx.execute(sql`
    update sampling_duty set ended_at = ${now.toISOString()} where person_id = ${personId} and ended_at is null`);
}

/** Somebody saw to what a phone could not do. */
export async function settleConflict(work: Staff, id: string): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.lead");
  const rows = await tx.execute<{ id: string }>(sql`
    update sampling_op set settled_at = ${now.toISOString()}, settled_by = ${actor.personId}
    where id = ${id} and problem is not null and settled_at is null returning id`);
  if (rows.length === 0) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "sampling.settle",
    entityType: "sampling-op",
    entityId: id,
  });
  return { ok: true };
}
