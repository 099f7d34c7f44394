/** Registered helpers: an institution vouches for them, each elder agrees, and may take it back at any time. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { listAppointmentsOf } from "../booking/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { addAccount } from "../identity/service.ts";
import { announce } from "../outbox/service.ts";
import { ageOn, findPatients, localDay } from "../patients/service.ts";
import type {
  consentBody,
  helperAccount,
  helperAccountBody,
  helperList,
  helping,
  myHelpers,
  patientHelpers,
  registerHelperBody,
} from "./contract.ts";
import * as repository from "./repository.ts";

/** Who records and takes back an elder's word: the window, the family doctor, the hotline. */
function assertRecords(actor: StaffActor): void {
  if (!actor.permissions.has("helper.manage") && !actor.permissions.has("booking.assist"))
    throw new DomainError("permission.denied");
}

/** The institution's helpers with the words of their elders. */
export async function listHelpers(work: Work<StaffActor>): Promise<z.input<typeof helperList>> {
  const { tx, actor, origin } = work;
  assertRecords(actor);
  const helpers = await repository.findHelpers(tx, actor.institutionId);
  const consents = await repository.findConsents(
    tx,
    helpers.map((one) => one.id),
  );
  const names = await repository.findNames(tx, [
    ...new Set([...helpers.map((one) => one.personId), ...consents.map((one) => one.recordedBy)]),
  ]);
  const patients = await findPatients(tx, [...new Set(consents.map((one) => one.patientId))]);
  const mayRegister = actor.permissions.has("helper.manage");
  const people = mayRegister
    ? await repository.findPeopleWithRole(tx, actor.institutionId, "helper")
    : [];
  const atWork = new Set(helpers.filter((one) => !one.endedAt).map((one) => one.personId));
  if (consents.length > 0)
    await trace(tx, actor, origin, {
      action: "helper.list",
      entityType: "registered-helper",
      detail: { consents: consents.length },
    });
  return {
    helpers: helpers.map((one) => ({
      id: one.id,
      person: { id: one.personId, name: names.get(one.personId) ?? "" },
      kind: one.kind,
      area: one.area,
      registeredAt: one.registeredAt.toISOString(),
      endedAt: one.endedAt?.toISOString() ?? null,
      consents: consents
        .filter((consent) => consent.helperId === one.id)
        .map((consent) => {
          const who = patients.find((record) => record.row.id === consent.patientId)?.row;
          return {
            id: consent.id,
            patient: {
              id: consent.patientId,
              name: who?.fullName ?? who?.fullNameBo ?? "",
              nameBo: who?.fullNameBo ?? null,
            },
            method: consent.method,
            words: consent.words,
            witnessName: consent.witnessName,
            recordedBy: names.get(consent.recordedBy) ?? "",
            givenAt: consent.givenAt.toISOString(),
            revokedAt: consent.revokedAt?.toISOString() ?? null,
          };
        }),
    })),
    candidates: people.filter((one) => !atWork.has(one.id)),
    mayRegister,
  };
}

/**
 * An account with the helper's role at the own institution, for somebody who has none. It may book for nobody
 * before it is registered and an elder has agreed. The password is in this answer and nowhere else.
 * @throws DomainError `permission.denied`, `account.login-taken`
 */
export async function openHelperAccount(
  work: Work<StaffActor>,
  input: z.output<typeof helperAccountBody>,
): Promise<z.input<typeof helperAccount>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "helper.manage");
  const made = await addAccount(tx, {
    ...input,
    institutionId: actor.institutionId,
    roleCode: "helper",
  });
  await trace(tx, actor, origin, {
    action: "helper.account",
    entityType: "account",
    entityId: made.personId,
    detail: { loginName: input.loginName },
  });
  return { ...made, loginName: input.loginName };
}

/** @throws DomainError `permission.denied`, `request.not-found` for an account without the role here, `helper.already` */
export async function registerHelper(
  work: Work<StaffActor>,
  input: z.output<typeof registerHelperBody>,
): Promise<{ id: string }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "helper.manage");
  const people = await repository.findPeopleWithRole(tx, actor.institutionId, "helper");
  if (!people.some((one) => one.id === input.personId)) throw new DomainError("request.not-found");
  const made = await repository.insertHelper(tx, {
    institutionId: actor.institutionId,
    personId: input.personId,
    kind: input.kind,
    area: input.area,
    registeredBy: actor.personId,
    registeredAt: now,
  });
  if (!made) throw new DomainError("helper.already");
  await trace(tx, actor, origin, {
    action: "helper.register",
    entityType: "registered-helper",
    entityId: made.id,
  });
  return { id: made.id };
}

/** From now on this helper books for nobody; what is booked stays. Ending twice changes nothing. */
export async function endHelper(work: Work<StaffActor>, id: string): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "helper.manage");
  if (!(await repository.findHelper(tx, id))) throw new DomainError("request.not-found");
  if (await repository.endHelper(tx, id, now))
    await trace(tx, actor, origin, {
      action: "helper.end",
      entityType: "registered-helper",
      entityId: id,
    });
  return { ok: true };
}

/**
 * An elder agreed that this helper books. The helper never records it for himself.
 * @throws DomainError `request.not-found`, `helper.already`, `permission.denied`
 */
export async function recordConsent(
  work: Work<StaffActor>,
  helperId: string,
  input: z.output<typeof consentBody>,
): Promise<{ id: string }> {
  const { tx, actor, origin, now } = work;
  assertRecords(actor);
  const helper = await repository.findHelper(tx, helperId);
  const [patient] = await findPatients(tx, [input.patientId]);
  if (!helper || helper.endedAt || !patient) throw new DomainError("request.not-found");
  const made = await repository.insertConsent(tx, {
    helperId,
    ...input,
    recordedBy: actor.personId,
    givenAt: now,
  });
  if (!made) throw new DomainError("helper.already");
  await trace(tx, actor, origin, {
    action: "helper.consent",
    entityType: "helper-consent",
    entityId: made.id,
    patientId: input.patientId,
    detail: { method: input.method },
  });
  await tellHelper(work, helper.personId, made.id);
  return { id: made.id };
}

/** The elder's word is taken back: by the elder on the phone, by staff whom the elder told, by the helper. */
export async function revokeConsent(
  work: Work<StaffActor | PatientActor>,
  id: string,
): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  const consent = await repository.findConsent(tx, id);
  if (!consent) throw new DomainError("request.not-found");
  const done = await repository.revokeConsent(
    tx,
    id,
    actor.kind === "staff" ? actor.personId : null,
    now,
  );
  if (!done) return { ok: true };
  await trace(tx, actor, origin, {
    action: "helper.revoke",
    entityType: "helper-consent",
    entityId: id,
    patientId: consent.patientId,
  });
  const helper = await repository.findHelper(tx, consent.helperId);
  if (helper) await tellHelper(work, helper.personId, id);
  return { ok: true };
}

async function tellHelper({ tx }: Work, personId: string, id: string): Promise<void> {
  await announce(tx, { topic: "patient", id, version: 0 }, { personIds: [personId] });
}

/** Those who agreed that I book, with what I booked for them. */
export async function listHelping(work: Work<StaffActor>): Promise<z.input<typeof helping>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "booking.help");
  const own = (await repository.findHelpers(tx, actor.institutionId)).filter(
    (one) => one.personId === actor.personId && !one.endedAt,
  );
  const consents = (
    await repository.findConsents(
      tx,
      own.map((one) => one.id),
    )
  ).filter((one) => !one.revokedAt);
  const records = await findPatients(
    tx,
    consents.map((one) => one.patientId),
  );
  const people = [];
  for (const consent of consents) {
    const row = records.find((one) => one.row.id === consent.patientId)?.row;
    if (!row) continue;
    const appointments = await listAppointmentsOf(tx, row.id, now);
    await trace(tx, actor, origin, {
      action: "helper.read",
      entityType: "patient",
      entityId: row.id,
      patientId: row.id,
    });
    people.push({
      id: row.id,
      name: row.fullName ?? row.fullNameBo ?? "",
      nameBo: row.fullNameBo,
      ageYears: row.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null,
      since: consent.givenAt.toISOString(),
      appointments,
    });
  }
  return { people };
}

/** Who may book for the patient on the line, so that the word can be taken back by telephone. */
export async function listHelpersOf(
  work: Work<StaffActor>,
  patientId: string,
): Promise<z.input<typeof patientHelpers>> {
  const { tx, actor } = work;
  assertRecords(actor);
  const consents = await repository.findStandingConsents(tx, [patientId]);
  const helpers = (
    await repository.findHelpersById(tx, [...new Set(consents.map((one) => one.helperId))])
  ).filter((one) => !one.endedAt);
  const names = await repository.findNames(
    tx,
    helpers.map((one) => one.personId),
  );
  return {
    helpers: consents.flatMap((consent) => {
      const helper = helpers.find((one) => one.id === consent.helperId);
      return helper
        ? [
            {
              consentId: consent.id,
              name: names.get(helper.personId) ?? "",
              kind: helper.kind,
              words: consent.words,
              givenAt: consent.givenAt.toISOString(),
            },
          ]
        : [];
    }),
  };
}

/** Who may book for me and mine. */
export async function listMyHelpers(work: Work<PatientActor>): Promise<z.input<typeof myHelpers>> {
  const { tx, actor } = work;
  const consents = await repository.findStandingConsents(tx, actor.patientIds);
  const helpers = (
    await repository.findHelpersById(tx, [...new Set(consents.map((one) => one.helperId))])
  ).filter((one) => !one.endedAt);
  const names = await repository.findNames(
    tx,
    helpers.map((one) => one.personId),
  );
  const institutions = await findInstitutions(tx, [
    ...new Set(helpers.map((one) => one.institutionId)),
  ]);
  const patients = await findPatients(tx, [...new Set(consents.map((one) => one.patientId))]);
  return {
    helpers: consents.flatMap((consent) => {
      const helper = helpers.find((one) => one.id === consent.helperId);
      if (!helper) return [];
      const who = patients.find((one) => one.row.id === consent.patientId)?.row;
      return [
        {
          consentId: consent.id,
          name: names.get(helper.personId) ?? "",
          kind: helper.kind,
          institution: institutions.find((one) => one.id === helper.institutionId)?.name ?? "",
          patient: { id: consent.patientId, name: who?.fullName ?? who?.fullNameBo ?? "" },
          givenAt: consent.givenAt.toISOString(),
          method: consent.method,
          witnessName: consent.witnessName,
        },
      ];
    }),
  };
}
