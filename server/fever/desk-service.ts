import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { findPatients } from "../patients/service.ts";
import { listAnnounced } from "./announce-service.ts";
import type { DeskView, RoomView } from "./contract.ts";
import { addHours } from "./domain.ts";
import { currentPolicy } from "./policy-service.ts";
import * as repository from "./repository.ts";
import { requireSite, viewSites } from "./site-service.ts";
import { viewPerson, viewTransfer, viewVisitLines } from "./visit-view.ts";

/** What is over stays on the list for so long. */
const shownHours = 12;
/** Appointments are listed this long before and after their time. */
const comingBeforeHours = 6;
const comingAfterHours = 4;
const answersCountHours = 72;

/** The desk at a glance: who is to come, who is where, which clock runs, which room is free. */
export async function readDesk(services: Services, work: Work<StaffActor>): Promise<DeskView> {
  const { tx, actor, origin, now } = work;
  const may = ["fever.triage", "fever.see", "fever.transfer"];
  if (!may.some((one) => actor.permissions.has(one))) throw new DomainError("permission.denied");
  const site = await requireSite(tx, actor.institutionId);
  const policy = await currentPolicy(tx, site.region, now);
  const [place] = await findInstitutions(tx, [actor.institutionId]);
  const rows = await repository.findVisitsAt(tx, actor.institutionId, addHours(now, -shownHours));
  const [view] = await viewSites(tx, [site], now);
  const rooms = await readRooms(work);
  const transfers = [];
  for (const row of await repository.findTransfersOf(
    tx,
    actor.institutionId,
    addHours(now, -shownHours),
  ))
    transfers.push(await viewTransfer(work, row));
  const [higher] = site.higherInstitutionId
    ? await findInstitutions(tx, [site.higherInstitutionId])
    : [];
  await trace(tx, actor, origin, {
    action: "fever.desk",
    entityType: "fever-site",
    entityId: actor.institutionId,
    purpose: "treatment",
    detail: { rows: rows.length },
  });
  return {
    site: view!,
    altitudeMetres: place?.altitudeMetres ?? 0,
    higher: higher
      ? { id: higher.id, name: { zh: higher.name, en: higher.nameEn, bo: higher.nameBo } }
      : null,
    arrivals: await readArrivals(services, work),
    announced: await listAnnounced(services, work),
    visits: await viewVisitLines(services, work, rows, policy, place?.altitudeMetres ?? 0),
    rooms,
    incoming: transfers.filter((one) => one.side === "receiver" && !one.received),
    outgoing: transfers.filter((one) => one.side === "own"),
    blocks: await readBlocks(work),
  };
}

async function readArrivals(
  services: Services,
  work: Work<StaffActor>,
): Promise<DeskView["arrivals"]> {
  const { tx, actor, now } = work;
  const rows = await repository.findComing(
    tx,
    actor.institutionId,
    addHours(now, -comingAfterHours),
    addHours(now, comingBeforeHours),
  );
  const ids = rows.map((row) => row.patientId);
  const people = await findPatients(tx, [...new Set(ids)]);
  const screenings = await repository.findScreeningsOf(tx, ids, addHours(now, -answersCountHours));
  return rows.flatMap((row) => {
    const record = people.find((one) => one.row.id === row.patientId);
    if (!record) return [];
    const screening = screenings.find((one) => one.patientId === row.patientId);
    return [
      {
        appointmentId: row.id,
        ticket: row.ticket,
        startsAt: new Date(row.startsAt).toISOString(),
        late: new Date(row.endsAt) < now,
        patient: viewPerson(services.vault, record, now),
        screened: screening !== undefined,
        route: screening?.route ?? null,
      },
    ];
  });
}

async function readBlocks({ tx, now }: Work<StaffActor>): Promise<DeskView["blocks"]> {
  const rows = await repository.findBlocks(tx, now);
  const people = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  return rows.flatMap((row) => {
    const record = people.find((one) => one.row.id === row.patientId)?.row;
    return record
      ? [
          {
            id: row.id,
            patient: { id: record.id, name: record.fullName ?? record.fullNameBo ?? "" },
            since: row.since.toISOString(),
            until: row.until.toISOString(),
          },
        ]
      : [];
  });
}

async function readRooms({ tx, actor }: Work<StaffActor>): Promise<RoomView[]> {
  const rooms = await repository.findRooms(tx, actor.institutionId);
  const stays = await repository.findOpenStays(
    tx,
    rooms.map((one) => one.id),
  );
  return rooms.map((room) => {
    const stay = stays.find((one) => one.roomId === room.id);
    return {
      id: room.id,
      name: room.name,
      kind: room.kind,
      state: !stay ? "free" : stay.until ? "to-disinfect" : "occupied",
      stayId: stay?.id ?? null,
      since: stay ? (stay.until ?? stay.since).toISOString() : null,
      visitId: stay && !stay.until ? stay.visitId : null,
    };
  });
}

/**
 * The room takes the next patient. @throws DomainError `request.not-found` when it waits for no
 * disinfection
 */
export async function disinfectRoom(
  services: Services,
  work: Work<StaffActor>,
  stayId: string,
): Promise<DeskView> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("fever.triage") && !actor.permissions.has("fever.transfer"))
    throw new DomainError("permission.denied");
  const stay = await repository.disinfectStay(tx, stayId, actor.personId, now);
  if (!stay) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "fever-room.disinfect",
    entityType: "fever-room",
    entityId: stay.roomId,
  });
  await announce(
    tx,
    { topic: "fever", id: stay.visitId, version: 0 },
    { institutionIds: [actor.institutionId] },
  );
  return readDesk(services, work);
}
