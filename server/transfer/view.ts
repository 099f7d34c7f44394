import type { InstitutionRow } from "../directory/service.ts";
import { distanceMetres, findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { ageOn, findPatientRows, localDay } from "../patients/service.ts";
import { sidesOf } from "./change.ts";
import type { TransferDetail, TransferSummary } from "./contract.ts";
import { itemsFor } from "./domain.ts";
import { itemsOfTransfer } from "./ready-service.ts";
import type { PositionRow, TransferRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { escortStates, isRunning, possibleTransferActions } from "./states.ts";

export const escortNameContext = "transfer.escort_name";
export const escortPhoneContext = "transfer.escort_phone";

type Ref = TransferSummary["from"];
export const refOf = ({ id, name, nameEn, nameBo }: Ref): Ref => ({ id, name, nameEn, nameBo });
const iso = (at: Date | null) => at?.toISOString() ?? null;

/** As the crow flies; null when the house has not said where it is. */
export const toGo = (at: PositionRow, house: InstitutionRow): number | null =>
  house.latitude === null || house.longitude === null
    ? null
    : Math.round(distanceMetres(at, { latitude: house.latitude, longitude: house.longitude }));

/** Rows as the pages of either house show them; emergencies first, then what is nearest to its arrival. */
export async function viewSummaries(
  work: Work<StaffActor>,
  rows: readonly TransferRow[],
): Promise<TransferSummary[]> {
  const { tx, actor, now } = work;
  const ids = rows.map(({ id }) => id);
  const houses = new Map(
    (
      await findInstitutions(tx, [
        ...new Set(rows.flatMap((row) => [row.fromInstitutionId, row.toInstitutionId])),
      ])
    ).map((house) => [house.id, house]),
  );
  const patients = new Map(
    (await findPatientRows(tx, [...new Set(rows.map(({ patientId }) => patientId))])).map((one) => [
      one.id,
      one,
    ]),
  );
  const referrals = new Map(
    (
      await repository.findReferrals(
        tx,
        rows.map(({ referralId }) => referralId),
      )
    ).map((one) => [one.id, one]),
  );
  const last = new Map(
    (await repository.findLastPositions(tx, ids)).map((one) => [one.transferId, one]),
  );
  const ready = await repository.findReady(tx, ids);
  const lists = await repository.findReadyLists(tx, [
    ...new Set(rows.map(({ toInstitutionId }) => toInstitutionId)),
  ]);
  return rows.map((row) => {
    const [from, to] = [houses.get(row.fromInstitutionId), houses.get(row.toInstitutionId)];
    const of = referrals.get(row.referralId);
    if (!from || !to || !of) throw new DomainError("request.not-found");
    const patient = patients.get(row.patientId);
    const position = last.get(row.id);
    const items = itemsFor(itemsOfTransfer(lists, row), row.kind);
    return {
      id: row.id,
      referralId: row.referralId,
      number: of.number,
      kind: row.kind,
      state: row.state,
      version: row.version,
      side: row.fromInstitutionId === actor.institutionId ? "from" : "to",
      patient: {
        id: row.patientId,
        fullName: patient?.fullName ?? null,
        fullNameBo: patient?.fullNameBo ?? null,
        sex: patient?.sex ?? "unknown",
        ageYears: patient?.birthDate
          ? (ageOn(patient.birthDate, localDay(now))?.years ?? null)
          : null,
      },
      reason: of.reason,
      from: refOf(from),
      to: refOf(to),
      plate: row.vehiclePlate,
      requestedAt: row.requestedAt.toISOString(),
      departedAt: iso(row.departedAt),
      expectedAt: iso(row.expectedAt),
      arrivedAt: iso(row.arrivedAt),
      handedOverAt: iso(row.handedOverAt),
      last: position
        ? {
            at: position.at.toISOString(),
            toGoMetres: toGo(position, to),
            accuracyMetres: position.accuracyMetres,
          }
        : null,
      ready: {
        done: items.filter((item) =>
          ready.some((tick) => tick.transferId === row.id && tick.code === item.code),
        ).length,
        all: items.length,
      },
    };
  });
}

/** All that either house sees of it. */
export async function viewDetail(
  services: Services,
  work: Work<StaffActor>,
  row: TransferRow,
): Promise<TransferDetail> {
  const { tx, actor, now } = work;
  const [summary] = await viewSummaries(work, [row]);
  const [of] = await repository.findReferrals(tx, [row.referralId]);
  if (!summary || !of) throw new DomainError("request.not-found");
  const found = await findInstitutions(tx, [row.fromInstitutionId, row.toInstitutionId]);
  const from = found.find(({ id }) => id === row.fromInstitutionId)!;
  const to = found.find(({ id }) => id === row.toInstitutionId)!;
  const steps = await repository.findSteps(tx, row.id);
  const calls = await repository.findCalls(tx, row.id);
  const ticks = await repository.findReady(tx, [row.id]);
  const packets = await repository.findPackets(tx, row.id);
  const positions = await repository.findPositions(tx, row.id);
  const reports = row.kind === "infectious" ? await repository.findReports(tx, row.patientId) : [];
  const lists = await repository.findReadyLists(tx, [row.toInstitutionId]);
  const people = await findPeopleNames(tx, [
    ...new Set(
      [
        of.requesterId,
        row.handedOverBy,
        row.disinfectedBy,
        ...calls.map((one) => one.byPersonId),
        ...ticks.map((one) => one.tickedBy),
        ...packets.map((one) => one.madeBy),
      ].filter((id) => id !== null),
    ),
  ]);
  const nameOf = (id: string | null) => (id ? (people.get(id) ?? "") : "");
  const houseOf = (id: string | null) => {
    const found = [from, to].find((one) => one.id === id);
    if (!found) return null;
    const { id: houseId, name, nameEn, nameBo } = found;
    return { id: houseId, name, nameEn, nameBo };
  };
  const sides = sidesOf(actor, row);
  const escort =
    row.escortNameCipher && row.escortPhoneCipher
      ? {
          name: services.vault.open(escortNameContext, row.escortNameCipher),
          phone: services.vault.open(escortPhoneContext, row.escortPhoneCipher),
        }
      : null;
  const desk = (await repository.findDutyPhone(tx, to.id, localDay(now))) ?? to.phone;
  const place = { ...from, at: now, transferId: row.id, accuracyMetres: null };
  return {
    ...summary,
    actions: possibleTransferActions(row.kind, row.state, sides),
    mayTick: sides.includes("to") && isRunning(row.kind, row.state),
    mayMakePacket: sides.includes("from") && isRunning(row.kind, row.state),
    vehicle: row.vehicleKind,
    escort,
    hasLink: row.tokenHash !== null && escortStates.includes(row.state),
    phones: [
      ...(of.requesterPhone
        ? [{ who: "doctor" as const, name: nameOf(of.requesterId), phone: of.requesterPhone }]
        : []),
      ...(from.phone ? [{ who: "from" as const, name: from.name, phone: from.phone }] : []),
      ...(desk ? [{ who: "to" as const, name: to.name, phone: desk }] : []),
      ...(escort ? [{ who: "escort" as const, name: escort.name, phone: escort.phone }] : []),
    ],
    wholeMetres:
      from.latitude === null || from.longitude === null
        ? null
        : toGo({ ...place, latitude: from.latitude, longitude: from.longitude }, to),
    positions: positions.map((one) => ({
      at: one.at.toISOString(),
      latitude: one.latitude,
      longitude: one.longitude,
      toGoMetres: toGo(one, to),
    })),
    calls: calls.map((one) => ({
      id: one.id,
      by: nameOf(one.byPersonId),
      institution: houseOf(one.byInstitutionId),
      with: one.withName,
      said: one.said,
      readBack: one.readBack,
      at: one.at.toISOString(),
    })),
    readyItems: itemsFor(itemsOfTransfer(lists, row), row.kind).map((item) => {
      const tick = ticks.find(({ code }) => code === item.code);
      return {
        code: item.code,
        zh: item.zh,
        en: item.en,
        bo: item.bo,
        tickedBy: tick ? nameOf(tick.tickedBy) : null,
        tickedAt: iso(tick?.tickedAt ?? null),
      };
    }),
    handOver: row.handedOverAt
      ? {
          receiver: row.receiverName ?? "",
          by: nameOf(row.handedOverBy),
          at: row.handedOverAt.toISOString(),
          condition: row.conditionOnArrival ?? "",
          vitals: row.vitalsOnArrival ?? {},
        }
      : null,
    isolationBed: row.isolationHoldId !== null,
    feverState: row.feverVisitId ? await repository.findFeverState(tx, row.id) : null,
    reports: reports.map((one) => ({
      ...one,
      dueAt: one.dueAt.toISOString(),
      receivedAt: iso(one.receivedAt),
    })),
    disinfection: row.disinfectedAt
      ? {
          by: nameOf(row.disinfectedBy),
          at: row.disinfectedAt.toISOString(),
          how: row.disinfection ?? "",
        }
      : null,
    cancelReason: row.cancelReason,
    packets: packets.map((one) => ({
      madeBy: nameOf(one.madeBy),
      madeAt: one.madeAt.toISOString(),
      openedAt: iso(one.openedAt),
    })),
    steps: steps.map((one) => ({
      action: one.action,
      to: one.toState,
      by: one.byName,
      institution: houseOf(one.byInstitutionId),
      reason: one.reason,
      at: one.at.toISOString(),
      toldAt: one.toldAt.toISOString(),
    })),
  };
}
