import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify, sendSms } from "../notices/service.ts";
import { findPatient, parsePhone } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { assertHandlesValues, sidesOfValue } from "./access.ts";
import type {
  CriticalValueActionBody,
  CriticalValueView,
  RaiseCriticalValue,
  receiverList,
} from "./contract.ts";
import {
  addMinutes,
  type CriticalValueSide,
  criticalValueSides,
  nextCriticalValueState,
  repeatsValue,
} from "./domain.ts";
import { findConsultSides, findReceivers } from "./people.ts";
import type { CriticalValueRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { settingOf } from "./settings.ts";
import { changedBy, writeValueStep } from "./tell.ts";
import { receiverPhoneContext, viewCriticalValues } from "./view.ts";

export const criticalValueClockTask = "reporting:critical-value-clock";
/** What a clock of another machine may be ahead of ours. */
const clockSkewMinutes = 5;

/** The reader's critical values, the clock that ends soonest on top. */
export async function listCriticalValues(
  services: Services,
  work: Work<StaffActor>,
  scope: "open" | "done",
): Promise<CriticalValueView[]> {
  assertHandlesValues(work.actor);
  return viewCriticalValues(services, work, await repository.listCriticalValues(work.tx, scope));
}

export async function readCriticalValue(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<CriticalValueView> {
  const { row } = await load(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "critical-value.read",
    entityType: "critical-value",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return view(services, work, row);
}

/** Who can be named as the receiver: colleagues here, and on the other side of the consult. */
export async function listReceivers(
  work: Work<StaffActor>,
  consultId: string | null,
): Promise<z.input<typeof receiverList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "critical-value.raise");
  const sides = consultId ? await findConsultSides(tx, consultId) : null;
  const reach = [...new Set([actor.institutionId, ...(sides?.institutionIds ?? [])])];
  const institutions = await findInstitutions(tx, reach);
  const found = (await findReceivers(tx, reach, now)).filter(
    (one) => one.personId !== actor.personId,
  );
  // Whoever treats the patient comes first: that is whom the value is for.
  const rank = (personId: string) => Number(personId !== sides?.attendingId);
  return {
    receivers: found
      .map((one) => ({
        ...one,
        institution: institutions.find((row) => row.id === one.institutionId)?.name ?? "",
      }))
      .sort((left, right) => rank(left.personId) - rank(right.personId)),
  };
}

/**
 * Raise a critical value: the named receiver is told at once and the read-back clock starts.
 * @throws DomainError `permission.denied`, `request.not-found`, `reporting.receiver`, `reporting.time`
 */
export async function raiseCriticalValue(
  services: Services,
  work: Work<StaffActor>,
  input: RaiseCriticalValue,
): Promise<CriticalValueView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "critical-value.raise");
  if (!(await findPatient(tx, input.patientId))) throw new DomainError("request.not-found");
  const measuredAt = new Date(input.measuredAt);
  if (measuredAt > addMinutes(now, clockSkewMinutes)) throw new DomainError("reporting.time");
  const consultId = input.consultId ?? null;
  if (consultId && (await findConsultSides(tx, consultId))?.patientId !== input.patientId)
    throw new DomainError("request.not-found");
  const setting = await settingOf(tx, actor.institutionId, now);
  const row = await repository.insertCriticalValue(tx, {
    patientId: input.patientId,
    institutionId: actor.institutionId,
    consultId,
    itemCode: input.itemCode ?? null,
    itemText: input.itemText,
    valueText: input.valueText,
    unit: input.unit ?? null,
    measuredAt,
    placeText: input.placeText ?? null,
    altitudeMetres: input.altitudeMetres ?? null,
    note: input.note ?? null,
    foundBy: actor.personId,
    foundAt: now,
    ...(await receiverOf(services, work, input.receiver, consultId)),
    readBackDueAt: addMinutes(now, setting.readBackMinutes),
    updatedAt: now,
  });
  await writeValueStep(work, row, { action: "raise", from: null });
  await tellReceiver(services, work, row);
  await startClock(work, row.id, row.readBackDueAt);
  return view(services, work, row);
}

/** One step. @throws DomainError `reporting.changed-meanwhile`, `reporting.illegal-step`, `permission.denied`, `reporting.read-back` */
export async function actOnCriticalValue(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: CriticalValueActionBody,
): Promise<CriticalValueView> {
  const { tx, actor, now } = work;
  const { row, sides } = await load(work, id);
  if (row.version !== input.version)
    throw changedBy(await repository.findCriticalValueSteps(tx, [id]));
  const state = nextCriticalValueState(row.state, input.action);
  if (!criticalValueSides[input.action].some((side) => sides.includes(side)))
    throw new DomainError("permission.denied");
  const change = await changeOf(services, work, row, sides, input);
  const changed = await repository.updateCriticalValue(tx, id, input.version, {
    ...change,
    state,
    updatedAt: now,
  });
  if (!changed) throw changedBy(await repository.findCriticalValueSteps(tx, [id]));
  await writeValueStep(work, changed, {
    action: input.action,
    from: row.state,
    reason: input.action === "cancel" ? input.reason : null,
  });
  if (input.action === "redirect") await tellReceiver(services, work, changed);
  if (changed.state === "received" && changed.actDueAt)
    await startClock(work, id, changed.actDueAt);
  // The finder hears that it arrived, and that something was done.
  if (actor.personId !== changed.foundBy && input.action !== "redirect")
    await notify(tx, {
      personIds: [changed.foundBy],
      kind: `critical-value-${changed.state}`,
      entityType: "critical-value",
      entityId: id,
      dedupeKey: `critical-value:${id}:${changed.state}`,
      at: now,
    });
  return view(services, work, changed);
}

async function changeOf(
  services: Services,
  work: Work<StaffActor>,
  row: CriticalValueRow,
  sides: readonly CriticalValueSide[],
  input: CriticalValueActionBody,
): Promise<Partial<CriticalValueRow>> {
  const { tx, actor, now } = work;
  switch (input.action) {
    case "readBack": {
      if (!repeatsValue(input.words, row.valueText))
        throw new DomainError("reporting.read-back", { value: row.valueText });
      const { actMinutes } = await settingOf(tx, row.institutionId, now);
      const own = sides.includes("receiving") && actor.personId !== row.foundBy;
      return {
        readBackWords: input.words,
        readBackName: own ? actor.name : (input.name ?? row.receiverName),
        readBackRecordedBy: actor.personId,
        readBackAt: now,
        actDueAt: addMinutes(now, actMinutes),
        escalationLevel: 0,
        escalatedAt: null,
      };
    }
    case "redirect": {
      const receiver = await receiverOf(services, work, input.receiver, row.consultId);
      // The receiving side passes it on at home; only the finder may take it elsewhere.
      if (
        !sides.includes("finding") &&
        receiver.receiverInstitutionId !== row.receiverInstitutionId
      )
        throw new DomainError("reporting.receiver");
      if (receiver.receiverId === row.foundBy) throw new DomainError("reporting.receiver");
      return receiver;
    }
    case "recordAction":
      return { actionTaken: input.text, actedBy: actor.personId, actedAt: now };
    case "cancel":
      return { cancelReason: input.reason, cancelledBy: actor.personId, cancelledAt: now };
  }
}

async function receiverOf(
  services: Services,
  work: Work<StaffActor>,
  receiver: RaiseCriticalValue["receiver"],
  consultId: string | null,
): Promise<
  Pick<
    CriticalValueRow,
    "receiverId" | "receiverInstitutionId" | "receiverName" | "receiverPhoneCipher"
  >
> {
  const { tx, actor, now } = work;
  if ("phone" in receiver) {
    const phone = parsePhone(receiver.phone);
    if (!phone.ok) throw new DomainError("patient.phone", { problem: phone.problem });
    return {
      receiverId: null,
      receiverInstitutionId: actor.institutionId,
      receiverName: receiver.name,
      receiverPhoneCipher: services.vault.seal(receiverPhoneContext, phone.value.national),
    };
  }
  const sides = consultId ? await findConsultSides(tx, consultId) : null;
  const reach = [actor.institutionId, ...(sides?.institutionIds ?? [])];
  const found =
    receiver.personId !== actor.personId && reach.includes(receiver.institutionId)
      ? (await findReceivers(tx, [receiver.institutionId], now)).find(
          (one) => one.personId === receiver.personId,
        )
      : undefined;
  if (!found) throw new DomainError("reporting.receiver");
  return {
    receiverId: found.personId,
    receiverInstitutionId: found.institutionId,
    receiverName: found.name,
    receiverPhoneCipher: null,
  };
}

/** The named receiver's pages, or a text message that says nothing but to call back. */
async function tellReceiver(
  services: Services,
  work: Work<StaffActor>,
  row: CriticalValueRow,
): Promise<void> {
  const { tx, now } = work;
  const dedupeKey = `critical-value:${row.id}:open:${row.version}`;
  if (row.receiverId)
    await notify(tx, {
      personIds: [row.receiverId],
      kind: "critical-value-open",
      entityType: "critical-value",
      entityId: row.id,
      dedupeKey,
      at: now,
    });
  if (row.receiverPhoneCipher) {
    const [from] = await findInstitutions(tx, [row.institutionId]);
    await sendSms(tx, services.vault, {
      phone: services.vault.open(receiverPhoneContext, row.receiverPhoneCipher),
      kind: "critical-value",
      text: `【医联】${from?.name ?? ""}有一件紧急事项等您接收并复述，请立即回电${from?.phone ? ` ${from.phone}` : ""}。`,
      dedupeKey,
      at: now,
    });
  }
}

const startClock = ({ tx }: Work<StaffActor>, id: string, runAt: Date) =>
  enqueue(tx, {
    task: criticalValueClockTask,
    payload: { criticalValueId: id },
    runAt,
    jobKey: `critical-value:${id}`,
  });

async function load(
  work: Work<StaffActor>,
  id: string,
): Promise<{ row: CriticalValueRow; sides: CriticalValueSide[] }> {
  const row = await repository.findCriticalValue(work.tx, id);
  const sides = row ? sidesOfValue(work.actor, row) : [];
  // To others it is not there.
  if (!row || sides.length === 0) throw new DomainError("request.not-found");
  return { row, sides };
}

async function view(
  services: Services,
  work: Work<StaffActor>,
  row: CriticalValueRow,
): Promise<CriticalValueView> {
  const [one] = await viewCriticalValues(services, work, [row]);
  return one!;
}
