import type { z } from "zod";
import { findCalendar, findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { changeConsult, takeStep } from "./change.ts";
import type {
  ConsultActionBody,
  ConsultDetail,
  candidates,
  participantsBody,
  proposals,
} from "./contract.ts";
import { mayGiveOpinion } from "./domain.ts";
import { findInRole, findPostsFor, findSpecialists } from "./people.ts";
import type { ConsultRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { loadForReader } from "./request-service.ts";
import { addDays, localDay, proposeSlots, whyNot } from "./scheduling.ts";
import { viewDetail } from "./view.ts";

/** Whom the desk may assign: own specialists, interpreters of both sides, observers only with consent. */
export async function listCandidates(
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof candidates>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.desk");
  const { row } = await loadForReader(work, id);
  const institutionId = invitedOf(row);
  const consents = await repository.findConsents(tx, id);
  const observersAllowed = consents.some(
    (one) => one.kind === "observers" && one.given && one.withdrawnAt === null,
  );
  const interpreters = await findInRole(tx, "interpreter");
  const institutions = await findInstitutions(tx, [
    ...new Set(interpreters.map((one) => one.institutionId)),
  ]);
  return {
    specialists: (await findSpecialists(tx, institutionId)).map(({ practisingSince, ...one }) => ({
      ...one,
      eligible: mayGiveOpinion(practisingSince, now),
    })),
    interpreters: interpreters.map((one) => ({
      personId: one.personId,
      name: one.name,
      institution:
        institutions.find((institution) => institution.id === one.institutionId)?.name ?? "",
    })),
    observers: observersAllowed
      ? (await findInRole(tx, "observer", [institutionId])).map(({ personId, name, title }) => ({
          personId,
          name,
          title,
        }))
      : [],
  };
}

/**
 * Set who takes part beside the attending doctor.
 * @throws DomainError `consult.not-eligible`, `consult.observer-consent`, `consult.no-lead`
 */
export async function setParticipants(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.infer<typeof participantsBody>,
): Promise<ConsultDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.desk");
  const { row, participants } = await loadForReader(work, id);
  if (row.invitedInstitutionId !== actor.institutionId) throw new DomainError("permission.denied");
  const wanted = input.participants.filter((one) => one.role !== "attending");
  const specialists = wanted.filter((one) => one.role === "specialist");
  if (specialists.length > 0 && specialists.filter((one) => one.lead).length !== 1)
    throw new DomainError("consult.no-lead");
  await assertEligible(
    work,
    row,
    specialists.map((one) => one.personId),
  );
  const posts = await findPostsFor(
    tx,
    wanted.map((one) => one.personId),
  );
  const rows = wanted.map((one) => {
    const post = posts.find(
      (candidate) => candidate.personId === one.personId && candidate.roleCode === one.role,
    );
    if (!post) throw new DomainError("request.not-found");
    return {
      consultId: id,
      personId: one.personId,
      institutionId: post.institutionId,
      role: one.role,
      lead: one.role === "specialist" && one.lead,
    };
  });
  await repository.deleteInvitedParticipants(tx, id);
  await repository.insertParticipants(tx, rows);
  const changed = await changeConsult(work, row, { version: row.version, change: {} });
  const added = rows.filter(
    (one) => !participants.some((before) => before.personId === one.personId),
  );
  await notify(tx, {
    personIds: added.map((one) => one.personId),
    kind: "consult-assigned",
    entityType: "consult",
    entityId: id,
    detail: { urgency: row.urgency },
    dedupeKey: `consult:${id}:assigned:${changed.version}`,
    at: now,
  });
  return viewDetail(services, work, changed);
}

async function assertEligible(
  work: Work<StaffActor>,
  row: ConsultRow,
  personIds: readonly string[],
): Promise<void> {
  const staff = await findSpecialists(work.tx, invitedOf(row));
  for (const personId of personIds) {
    const found = staff.find((one) => one.personId === personId);
    if (!found) throw new DomainError("request.not-found");
    if (!mayGiveOpinion(found.practisingSince, work.now))
      throw new DomainError("consult.not-eligible", { name: found.name });
  }
}

/** Free times of both sides and of the assigned people. */
export async function listProposals(
  work: Work<StaffActor>,
  id: string,
  query: { from?: string | undefined; minutes: number },
): Promise<z.input<typeof proposals>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.desk");
  const { row, participants } = await loadForReader(work, id);
  const fromDay = query.from ?? localDay(now.getTime(), "Asia/Shanghai");
  const days = 14;
  const sides = await Promise.all(
    [row.invitingInstitutionId, invitedOf(row)].map((side) =>
      findCalendar(tx, side, fromDay, addDays(fromDay, days)),
    ),
  );
  const busy = await repository.findBusy(
    tx,
    participants.map((one) => one.personId),
    now,
  );
  const slots = proposeSlots({
    sides,
    busy: busy.map((one) => ({ start: one.start.getTime(), end: one.end.getTime() })),
    fromDay,
    days,
    now,
    durationMinutes: query.minutes,
  });
  const institutions = await findInstitutions(
    tx,
    sides.map((side) => side.institutionId),
  );
  return {
    slots: slots.map((slot) => ({
      start: new Date(slot.start).toISOString(),
      end: new Date(slot.end).toISOString(),
    })),
    avoided: sides.flatMap((side) =>
      side.holidays.map((holiday) => ({
        day: holiday.day,
        name: holiday.name,
        institution: institutions.find((one) => one.id === side.institutionId)?.name ?? "",
      })),
    ),
  };
}

/**
 * Fix the time. Outside either side's hours a reason is needed, which both sides read.
 * @throws DomainError `consult.in-the-past`, `consult.outside-hours`
 */
export async function schedule(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: Extract<ConsultActionBody, { action: "schedule" }>,
): Promise<ConsultRow> {
  const { tx, now } = work;
  const start = new Date(input.start);
  const end = new Date(input.end);
  if (start.getTime() < now.getTime() - 60_000 || end <= start)
    throw new DomainError("consult.in-the-past");
  if (!input.outsideHoursReason && row.urgency === "routine") {
    for (const side of [row.invitingInstitutionId, invitedOf(row)]) {
      const day = localDay(start.getTime(), "Asia/Shanghai");
      const calendar = await findCalendar(tx, side, addDays(day, -1), addDays(day, 1));
      const problem = whyNot(calendar, { start: start.getTime(), end: end.getTime() });
      if (!problem) continue;
      const [institution] = await findInstitutions(tx, [side]);
      throw new DomainError("consult.outside-hours", {
        institution: institution?.name ?? "",
        why: problem.name || "下班时间",
      });
    }
  }
  const changed = await takeStep(work, row, {
    action: "schedule",
    version: input.version,
    reason: input.outsideHoursReason ?? null,
    change: { scheduledStart: start, scheduledEnd: end },
  });
  await tellRequester(work, changed, "consult-scheduled");
  return changed;
}

/** Accept: from here on the room can be entered. */
export async function accept(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: { version: number; departmentId?: string | null | undefined },
): Promise<ConsultRow> {
  const changed = await takeStep(work, row, {
    action: "accept",
    version: input.version,
    change: { acceptedBy: work.actor.personId, departmentId: input.departmentId ?? null },
  });
  await tellRequester(work, changed, "consult-accepted");
  return changed;
}

/** Answer in writing, without a meeting: one specialist writes and signs. */
export async function adviseOnly(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: { version: number; specialistId: string },
): Promise<ConsultRow> {
  await assertEligible(work, row, [input.specialistId]);
  const changed = await takeStep(work, row, {
    action: "adviseOnly",
    version: input.version,
    change: { acceptedBy: work.actor.personId },
  });
  await repository.deleteInvitedParticipants(work.tx, row.id);
  await repository.insertParticipants(work.tx, [
    {
      consultId: row.id,
      personId: input.specialistId,
      institutionId: invitedOf(row),
      role: "specialist",
      lead: true,
    },
  ]);
  await notify(work.tx, {
    personIds: [input.specialistId],
    kind: "consult-assigned",
    entityType: "consult",
    entityId: row.id,
    detail: { urgency: row.urgency },
    dedupeKey: `consult:${row.id}:assigned:${changed.version}`,
    at: work.now,
  });
  return changed;
}

export async function askMore(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: { version: number; reason: string },
): Promise<ConsultRow> {
  await repository.insertMessage(work.tx, {
    consultId: row.id,
    byPersonId: work.actor.personId,
    byInstitutionId: work.actor.institutionId,
    text: input.reason,
    at: work.now,
  });
  const changed = await takeStep(work, row, {
    action: "askMore",
    version: input.version,
    reason: input.reason,
  });
  await tellRequester(work, changed, "consult-more-asked");
  return changed;
}

export async function decline(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: { version: number; reason: string },
): Promise<ConsultRow> {
  const changed = await takeStep(work, row, {
    action: "decline",
    version: input.version,
    reason: input.reason,
  });
  await tellRequester(work, changed, "consult-declined");
  return changed;
}

export async function tellRequester(work: Work, row: ConsultRow, kind: string): Promise<void> {
  await notify(work.tx, {
    personIds: [row.requesterId],
    kind,
    entityType: "consult",
    entityId: row.id,
    detail: { urgency: row.urgency },
    dedupeKey: `consult:${row.id}:${kind}:${row.version}`,
    at: work.now,
  });
}

function invitedOf(row: ConsultRow): string {
  if (!row.invitedInstitutionId) throw new DomainError("consult.illegal-step", { from: row.state });
  return row.invitedInstitutionId;
}
