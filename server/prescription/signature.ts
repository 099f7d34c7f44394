/** What the doctor signs, and how the signature stands. */
import { z } from "zod";
import type { Work } from "../http/context.ts";
import {
  findKeys,
  PRESCRIPTION_JWS_TYPE,
  SignatureError,
  verifyDocumentJws,
} from "../signing/service.ts";
import {
  encounterKinds,
  keySpeaksAgainst,
  prescriptionChannels,
  prescriptionKinds,
} from "./domain.ts";
import { frequencyCodes } from "./line.ts";
import type { PrescriptionRow } from "./repository.ts";

/** Everything that a pharmacist acts on; what is not in it is not signed. */
export const prescriptionDocument = z
  .object({
    type: z.literal("prescription"),
    prescriptionId: z.uuid(),
    number: z.string(),
    version: z.int(),
    issuedAt: z.iso.datetime(),
    institutionId: z.uuid(),
    institution: z.string(),
    doctorId: z.uuid(),
    doctor: z.string(),
    patientId: z.uuid(),
    patient: z.string(),
    ageMonths: z.int().nullable(),
    sex: z.string(),
    weightKg: z.number().nullable(),
    encounterKind: z.enum(encounterKinds),
    encounterId: z.uuid(),
    channel: z.enum(prescriptionChannels),
    kind: z.enum(prescriptionKinds),
    validDays: z.int(),
    formularyId: z.uuid(),
    diagnoses: z.array(z.object({ code: z.string().nullable(), text: z.string() })),
    lines: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        strength: z.string(),
        dose: z.number(),
        unit: z.string(),
        frequency: z.enum(frequencyCodes),
        days: z.int(),
        quantity: z.number(),
        instructions: z.string(),
      }),
    ),
    overruled: z.array(z.object({ key: z.string(), said: z.string(), reason: z.string() })),
    note: z.string(),
  })
  .strict();
export type PrescriptionDocument = z.infer<typeof prescriptionDocument>;

export type SignatureView = {
  state: "good" | "key-replaced" | "key-revoked" | "bad";
  kid: string;
  keyRevokedAt: Date | null;
};

/** How the signature of a stored prescription stands now; null: it is not signed. */
export async function signatureOf(
  { tx, now }: Pick<Work, "tx" | "now">,
  row: PrescriptionRow,
): Promise<SignatureView | null> {
  if (row.jws === null || row.kid === null || row.signedAt === null) return null;
  const keys = await findKeys(tx, [row.doctorId]);
  const key = keys.find((one) => one.kid === row.kid);
  const parsed = prescriptionDocument.safeParse(row.document);
  try {
    await verifyDocumentJws({
      jws: row.jws,
      typ: PRESCRIPTION_JWS_TYPE,
      document: parsed.success ? parsed.data : null,
      signerId: row.doctorId,
      keys,
      now,
      signedAt: row.signedAt,
    });
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return { state: "bad", kid: row.kid, keyRevokedAt: key?.revokedAt ?? null };
  }
  const keyRevokedAt = key?.revokedAt ?? null;
  const state =
    keyRevokedAt === null ? "good" : key && keySpeaksAgainst(key) ? "key-revoked" : "key-replaced";
  return { state, kid: row.kid, keyRevokedAt };
}
