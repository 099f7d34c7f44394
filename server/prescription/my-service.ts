/** The patient's own prescriptions: where the medicines are, and the code. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import type { myPrescriptions } from "./contract.ts";
import * as repository from "./repository.ts";
import { codeContext } from "./review-service.ts";
import { viewLine } from "./view.ts";

const shownMs = 400 * 86_400_000;

/** @throws DomainError `permission.denied` for somebody else's */
export async function listMine(
  services: Services,
  { tx, actor, origin, now }: Work<PatientActor>,
  patientId: string,
): Promise<z.input<typeof myPrescriptions>> {
  if (!actor.patientIds.includes(patientId)) throw new DomainError("permission.denied");
  const rows = await repository.findOfPatient(tx, patientId, new Date(now.getTime() - shownMs));
  const lines = await repository.findLines(
    tx,
    rows.map((row) => row.id),
  );
  const fillings = new Map(
    (await Promise.all(rows.map((row) => repository.findDispense(tx, row.id)))).flatMap((one) =>
      one ? [[one.prescriptionId, one] as const] : [],
    ),
  );
  const houses = await findInstitutions(tx, [
    ...new Set([
      ...rows.map((row) => row.institutionId),
      ...[...fillings.values()].map((one) => one.institutionId),
    ]),
  ]);
  const houseOf = (id: string) => houses.find((one) => one.id === id)?.name ?? "";
  const people = await findPeopleNames(tx, [...new Set(rows.map((row) => row.doctorId))]);
  await trace(tx, actor, origin, {
    action: "prescription.read-own",
    entityType: "patient",
    entityId: patientId,
    patientId,
  });
  return {
    prescriptions: rows.map((row) => {
      const filling = fillings.get(row.id);
      const collectable = row.state === "approved" || row.state === "dispensed";
      return {
        id: row.id,
        number: row.number,
        state: row.state,
        house: houseOf(row.institutionId),
        doctor: people.get(row.doctorId) ?? "",
        signedAt: row.signedAt!.toISOString(),
        validUntil: row.validUntil!.toISOString(),
        code:
          collectable && row.codeCipher ? services.vault.open(codeContext, row.codeCipher) : null,
        pharmacy: filling ? houseOf(filling.institutionId) : null,
        method: filling?.method ?? null,
        deliveryState: filling?.deliveryState ?? null,
        trackingText: filling?.trackingText ?? null,
        trackingNumber: filling?.trackingNumber ?? null,
        collectedAt: filling?.collectedAt?.toISOString() ?? null,
        lines: lines.filter((one) => one.prescriptionId === row.id).map(viewLine),
      };
    }),
  };
}
