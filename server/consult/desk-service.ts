import type { z } from "zod";
import { addDays, localDay, proposeSlots, whyNot } from "../calendar/domain.ts";
import { findCalendar, findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { assertNewest, changeConsult, takeStep } from "./change.ts";
import type {
  ConsultActionBody,
  ConsultDetail,
  candidates,
  participantsBody,
  proposals,
} from "./contract.ts";
import { assignableStates, type ConsultState, mayGiveOpinion } from "./domain.ts";
import { findInRole, findPostsFor, findSpecialists, findWithinReach } from "./people.ts";
import type { ConsultRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { assertConsent, loadForReader } from "./request-service.ts";
import { findNames, viewDetail } from "./view.ts";

/** Whom the desk may assign: own specialists, interpreters of the alliance, observers only with consent. */
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
  const reach = await findWithinReach(tx, row.invitingInstitutionId, institutionId);
  const interpreters = await findInRole(tx, "interpreter", reach, now);
  const institutions = await findInstitutions(tx, [
    ...new Set(interpreters.map((one) => one.institutionId)),
  ]);
  return {
    specialists: (await findSpecialists(tx, institutionId, now)).map(
      ({ practisingSince, ...one }) => ({
        ...one,
        eligible: mayGiveOpinion(practisingSince, now),
      }),
    ),
    interpreters: interpreters.map((one) => ({
      personId: one.personId,
      name: one.name,
      institution:
        institutions.find((institution) => institution.id === one.institutionId)?.name ?? "",
    })),
    observers: observersAllowed
      ? (await findInRole(tx, "observer", [institutionId], now)).map(
          ({ personId, name, title }) => ({
            personId,
            name,
            title,
          }),
        )
      : [],
  };
}

/**
 * Set who takes part beside the attending doctor, while the consult is open.
 * @throws DomainError `consult.not-eligible`, `consult.observer-consent`, `consult.no-lead`,
 *   `consult.illegal-step`, `consult.changed-meanwhile`, `consult.overlap`
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
  const invitedId = invitedOf(row);
  if (invitedId !== actor.institutionId) throw new DomainError("permission.denied");
  await assertNewest(work, row, input.version ?? row.version);
  if (!assignableStates.includes(row.state))
    throw new DomainError("consult.illegal-step", { from: row.state, action: "assign" });
  const attending = participants.filter((one) => one.role === "attending");
  const wanted = input.participants.filter((one) => one.role !== "attending");
  const everyone = [...attending, ...wanted].map((one) => one.personId);
  // One person has one place at the table.
  if (new Set(everyone).size !== everyone.length) throw new DomainError("request.invalid");
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
    now,
  );
  const reach = await findWithinReach(tx, row.invitingInstitutionId, invitedId);
  const rows = wanted.map((one) => {
    const places = one.role === "interpreter" ? reach : [invitedId];
    const institutionId = places.find((place) =>
      posts.some(
        (post) =>
          post.personId === one.personId &&
          post.roleCode === one.role &&
          post.institutionId === place,
      ),
    );
    if (!institutionId) throw new DomainError("request.not-found");
    return {
      consultId: id,
      personId: one.personId,
      institutionId,
      role: one.role,
      lead: one.role === "specialist" && one.lead,
    };
  });
  const added = rows.filter(
    (one) => !participants.some((before) => before.personId === one.personId),
  );
  const meets: readonly ConsultState[] = ["scheduled", "in-session"];
  if (meets.includes(row.state) && row.scheduledStart && row.scheduledEnd)
    await assertFree(work, row, added, { start: row.scheduledStart, end: row.scheduledEnd });
  await repository.deleteInvitedParticipants(tx, id);
  await repository.insertParticipants(tx, rows);
  const left = participants.map((one) => one.personId).filter((one) => !everyone.includes(one));
  const changed = await changeConsult(work, row, { version: row.version, change: {}, left });
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
  const staff = await findSpecialists(work.tx, invitedOf(row), work.now);
  for (const personId of personIds) {
    const found = staff.find((one) => one.personId === personId);
    if (!found) throw new DomainError("request.not-found");
    if (!mayGiveOpinion(found.practisingSince, work.now))
      throw new DomainError("consult.not-eligible", { name: found.name });
  }
}

/**
 * Nobody is promised to two meetings at once. Whoever else sets a time for one of these people waits
 * until this commits, and then sees it. Observers do not count.
 * @throws DomainError `consult.overlap` naming who is taken
 */
async function assertFree(
  work: Work<StaffActor>,
  row: ConsultRow,
  people: readonly { personId: string; role: string }[],
  time: { start: Date; end: Date },
): Promise<void> {
  const ids = people.filter((one) => one.role !== "observer").map((one) => one.personId);
  await repository.lockTimes(work.tx, ids);
  const taken = (await repository.findMeetings(work.tx, ids, time.start)).filter(
    (one) => one.consultId !== row.id && one.start < time.end && one.end > time.start,
  );
  if (taken.length === 0) return;
  const names = await findNames(
    work.tx,
    taken.map((one) => one.personId),
  );
  throw new DomainError("consult.overlap", { name: [...names.values()] });
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
  const people = participants.filter((one) => one.role !== "observer");
  const meetings = await repository.findMeetings(
    tx,
    people.map((one) => one.personId),
    now,
  );
  const busy = meetings.filter((one) => one.consultId !== id);
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
 * @throws DomainError `consult.in-the-past`, `consult.outside-hours`, `consult.overlap`,
 *   `consult.consent-missing`
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
  await assertNewest(work, row, input.version);
  await assertConsent(work, row);
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
  await assertFree(work, row, await repository.findParticipants(tx, [row.id]), { start, end });
  const changed = await takeStep(work, row, {
    action: "schedule",
    version: input.version,
    reason: input.outsideHoursReason ?? null,
    change: { scheduledStart: start, scheduledEnd: end },
  });
  await tellRequester(work, changed, "consult-scheduled");
  return changed;
}

/**
 * Accept: from here on the room can be entered.
 * @throws DomainError `consult.consent-missing`
 */
export async function accept(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: { version: number; departmentId?: string | null | undefined },
): Promise<ConsultRow> {
  await assertNewest(work, row, input.version);
  await assertConsent(work, row);
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
  await assertNewest(work, row, input.version);
  await assertConsent(work, row);
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
