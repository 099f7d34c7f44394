import type { Tx } from "../db/client.ts";
import type { PatientActor } from "./domain.ts";
import { findPatientsOfPhone, findStaffAt, hasSecondFactor } from "./repository.ts";

/**
 * What a member of staff may do at an institution now, without a session: for an app that acts in his name.
 * @returns null for who has no work there any more
 */
export async function staffRightsAt(
  tx: Tx,
  { personId, institutionId }: { personId: string; institutionId: string },
  now: Date,
  demo: boolean,
): Promise<{ name: string; permissions: ReadonlySet<string> } | null> {
  const staff = await findStaffAt(tx, personId, institutionId, now);
  if (!staff) return null;
  const enrolled = await hasSecondFactor(tx, personId, demo);
  return enrolled ? staff : { ...staff, permissions: new Set() };
}

/** A phone as it would be if it asked now. */
export async function phoneActor(
  tx: Tx,
  { phoneIndex, sessionId }: { phoneIndex: Buffer; sessionId: string },
): Promise<PatientActor> {
  const patients = await findPatientsOfPhone(tx, phoneIndex);
  return {
    kind: "patient",
    phoneIndex,
    patientIds: patients.map((row) => row.patientId),
    sessionId,
    language: "zh-CN",
  };
}
