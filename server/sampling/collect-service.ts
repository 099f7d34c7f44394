import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { bookingCode } from "../booking/service.ts";
import { admitByPaperCode, type PublishedKey } from "../cards/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { announceFever } from "../fever/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay, parseResidentId, registerPatient } from "../patients/service.ts";
import type {
  personAnswer,
  registeredPeople,
  SamplerWork,
  stepAnswers,
  stepsBody,
  walkInBody,
} from "./contract.ts";
import { type SamplingProblem, serverTime } from "./domain.ts";
import * as repository from "./repository.ts";
import { iso, viewPerson, viewSite, viewTube } from "./view.ts";

type Staff = Work<StaffActor>;

/** @throws DomainError `sampling.no-duty`: nobody said where this person works today */
async function dutyOf({ tx, actor, now }: Staff): Promise<repository.DutyRow> {
  const duty = await repository.findDuty(tx, actor.personId, localDay(now));
  if (!duty) throw new DomainError("sampling.no-duty");
  return duty;
}

/**
 * Everything a sampler's phone needs for the day, also to go on without a line: the people of the site where
 * he works today and of no other, his open tubes, which codes are the institution's own.
 */
export async function readWork(
  services: Services,
  work: Staff,
  withPeople: boolean,
): Promise<SamplerWork> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  const duty = await repository.findDuty(tx, actor.personId, localDay(now));
  const empty = {
    now: now.toISOString(),
    site: null,
    station: null,
    tubes: [],
    batches: [],
    people: [],
  };
  if (!duty) return empty;
  const [site] = await repository.findSites(tx, sql`s.id = ${duty.siteId}`);
  if (!site) return empty;
  const day = localDay(now);
  const people = withPeople
    ? await repository.findPeople(
        tx,
        sql`r.site_id = ${site.id} and r.day = ${day} and r.state <> 'cancelled'`,
        5000,
        now,
      )
    : null;
  const tubes = await repository.findTubes(
    tx,
    sql`t.site_id = ${site.id} and t.opened_by = ${actor.personId}
      and (t.state in ('open', 'collecting') or (t.state = 'sealed' and t.sealed_at > ${new Date(now.getTime() - 3_600_000).toISOString()}))`,
  );
  if (people)
    await trace(tx, actor, origin, {
      action: "sampling.list",
      entityType: "sampling-site",
      entityId: site.id,
      detail: { people: people.length },
    });
  return {
    now: now.toISOString(),
    site: await viewSite(tx, site),
    station:
      duty.stationId && duty.number !== null && duty.state
        ? { id: duty.stationId, number: duty.number, state: duty.state }
        : null,
    tubes: tubes.map(viewTube),
    batches: await repository.findBatches(tx, site.institutionId),
    people: people?.map((row) => viewPerson(services.vault, row)) ?? null,
  };
}

/**
 * What a phone did, in its order, whenever it comes and however often: each step is answered once and the
 * same again. A step that cannot be done does not hold up the others.
 */
export async function takeSteps(
  work: Staff,
  input: z.output<typeof stepsBody>,
): Promise<z.input<typeof stepAnswers>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  const sentAt = new Date(input.sentAt);
  const rows = await repository.takeSteps(
    tx,
    input.steps.map((step) => ({
      ...step,
      tube: step.tube?.replace(/[\s-]/gu, "").toUpperCase() ?? null,
      at: serverTime(new Date(step.at), sentAt, now).toISOString(),
      correlation: origin.correlationId,
      address: origin.address,
    })),
    now,
  );
  for (const { step, id, registration, tell } of input.steps)
    if (step === "lead-away" && tell && registration)
      if (rows.some((row) => row.id === id && !row.problem))
        await announceFever(work, registration);
  return {
    now: now.toISOString(),
    answers: rows.map((row) => ({
      id: row.id,
      problem: (row.problem as SamplingProblem | null) ?? null,
      repeated: row.repeated ?? false,
      tube: row.tube ?? null,
      station: row.station ?? null,
      at: row.at ? iso(row.at) : null,
      count: row.count ?? null,
    })),
  };
}

/** Who has this code, for somebody who came after the list was fetched, or to the wrong site. */
export async function findPerson(
  services: Services,
  work: Staff,
  code: string,
): Promise<z.input<typeof personAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  const duty = await dutyOf(work);
  const [row] = await repository.findPeople(
    tx,
    sql`r.site_id = ${duty.siteId} and r.day = ${localDay(now)} and r.code = upper(${code.replace(/\s/gu, "")})`,
    1,
    now,
  );
  await trace(tx, actor, origin, {
    action: "sampling.find",
    entityType: "test-registration",
    entityId: row?.registrationId ?? null,
    patientId: row?.patientId ?? null,
  });
  return { person: row ? viewPerson(services.vault, row) : null };
}

/**
 * Somebody without a seat. The identity card finds who is known; others are registered by name and telephone. Who was
 * registered without a line comes with the code on his paper and the day he came, however often it is sent.
 * @throws DomainError `sampling.already-registered`, `sampling.order-unconfirmed`, `sampling.fever` for feverish people
 */
export async function registerWalkIn(
  services: Services,
  work: Staff,
  input: z.output<typeof walkInBody>,
): Promise<z.input<typeof registeredPeople>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "sampling.collect");
  const duty = await dutyOf(work);
  const { kept } = input;
  const came = kept ? serverTime(new Date(kept.at), now, now) : now;
  const day = localDay(came);
  if (kept) {
    const [known] = await repository.findPeople(
      tx,
      sql`r.site_id = ${duty.siteId} and r.day = ${day} and r.code = ${kept.code}`,
      1,
      now,
    );
    if (known) return { people: [viewPerson(services.vault, known)], already: 1 };
  }
  const resident = input.residentId ? parseResidentId(input.residentId, day) : null;
  if (resident && !resident.ok)
    throw new DomainError("patient.resident-id", { reason: resident.problem });
  const known = resident?.ok
    ? await repository.linkPatient(
        tx,
        services.vault.blindIndex("resident-id", resident.value.number),
      )
    : null;
  const patientId =
    known ??
    (
      await registerPatient(services, work, {
        fullName: input.fullName,
        fullNameBo: null,
        sex: input.sex ?? "unknown",
        birthDate: input.birthDate,
        residentId: input.residentId,
        language: "zh-CN",
        unknownPerson: false,
        contacts: input.phone
          ? [{ relation: "self" as const, name: null, phone: input.phone, maySignIn: true }]
          : [],
      })
    ).patient.id;
  return register(services, work, duty.siteId, null, [patientId], input, {
    code: kept?.code,
    at: came,
  });
}

/**
 * Somebody without a phone, by the paper code: who is expected here is found, everybody else is registered. The
 * sampler compares the name and the last four digits, as with everyone.
 * @param keys published keys, asked for before this transaction
 * @throws DomainError as `admitByPaperCode`, `sampling.no-duty`, `sampling.already-registered`
 */
export async function registerPaperCode(
  services: Services,
  work: Staff,
  keys: readonly PublishedKey[],
  text: string,
): Promise<z.input<typeof registeredPeople>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "sampling.collect");
  const duty = await dutyOf(work);
  const patientId = await admitByPaperCode(work, keys, text);
  const [row] = await repository.findPeople(
    tx,
    sql`r.site_id = ${duty.siteId} and r.day = ${localDay(now)} and r.patient_id = ${patientId} and r.state <> 'cancelled'`,
    1,
    now,
  );
  if (row) return { people: [viewPerson(services.vault, row)], already: 1 };
  const [site] = await repository.findSites(tx, sql`s.id = ${duty.siteId}`);
  return register(services, work, duty.siteId, null, [patientId], {
    purpose: site!.purpose,
    priority: null,
  });
}

/**
 * A group that comes together: everyone who joined it and is not registered yet.
 * @throws DomainError `sampling.group-unknown`
 */
export async function registerGroup(
  services: Services,
  work: Staff,
  code: string,
): Promise<z.input<typeof registeredPeople>> {
  const { tx, actor } = work;
  assertPermission(actor, "sampling.collect");
  const duty = await dutyOf(work);
  const [group] = await tx.execute<{ id: string; purpose: "voluntary"; patients: string[] }>(sql`
    select g.id, s.purpose, array(select m.patient_id from sampling_group_member m where m.group_id = g.id order by m.joined_at) as patients
    from sampling_group g join sampling_site s on s.id = g.site_id
    where g.code = upper(${code}) and g.site_id = ${duty.siteId} and g.closed_at is null`);
  if (!group) throw new DomainError("sampling.group-unknown");
  return register(services, work, duty.siteId, group.id, group.patients, {
    purpose: group.purpose,
    priority: null,
  });
}

async function register(
  services: Services,
  { tx, actor, origin, now }: Staff,
  siteId: string,
  groupId: string | null,
  patients: readonly string[],
  { purpose, priority }: Pick<z.output<typeof walkInBody>, "purpose" | "priority">,
  came: { code?: string | undefined; at: Date } = { at: now },
): Promise<z.input<typeof registeredPeople>> {
  const day = localDay(came.at);
  const ids: string[] = [];
  let already = 0;
  for (const patientId of patients) {
    const answer = await repository.registerTest(tx, {
      patientId,
      siteId,
      purpose,
      priority,
      source: groupId ? "group" : "walk-in",
      groupId,
      code: came.code ?? bookingCode(randomBytes(8), 8),
      day,
      now: came.at,
    });
    if (answer.problem === "not-allowed") throw new DomainError("permission.denied");
    if (answer.problem === "order") throw new DomainError("sampling.order-unconfirmed");
    if (answer.problem === "already") already += 1;
    if (!answer.id) continue;
    ids.push(answer.id);
    if (!answer.problem)
      await trace(tx, actor, origin, {
        action: "sampling.register",
        entityType: "test-registration",
        entityId: answer.id,
        patientId,
        detail: { purpose, group: groupId !== null },
      });
  }
  // Who is expected elsewhere today is not this site's to see.
  const rows =
    ids.length > 0
      ? await repository.findPeople(
          tx,
          sql`r.site_id = ${siteId} and r.id in (${sql.join(
            ids.map((one) => sql`${one}`),
            sql`, `,
          )})`,
          5000,
          now,
        )
      : [];
  if (rows.length === 0 && already > 0) throw new DomainError("sampling.already-registered");
  return { people: rows.map((row) => viewPerson(services.vault, row)), already };
}
