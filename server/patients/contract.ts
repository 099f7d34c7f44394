/** What the pages send and receive about patients. Phones and IDs are masked unless the person types them. */
import { z } from "zod";
import { day, instant, language, line, uuid } from "../http/contract.ts";
import { contactRelations, patientSexes } from "./domain.ts";
import { possibleDuplicate } from "./join-contract.ts";

export const patientView = z.object({
  id: uuid,
  fullName: z.string().nullable(),
  fullNameBo: z.string().nullable(),
  sex: z.enum(patientSexes),
  birthDate: day.nullable(),
  birthDateEstimated: z.boolean(),
  ageYears: z.number().int().nullable(),
  ageMonths: z.number().int().nullable(),
  ethnicGroup: z.string().nullable(),
  language,
  address: z.string().nullable(),
  residentIdMasked: z.string().nullable(),
  unknownPerson: z.boolean(),
  unknownNote: z.string().nullable(),
  contacts: z.array(
    z.object({
      relation: z.enum(contactRelations),
      name: z.string().nullable(),
      phoneMasked: z.string(),
      maySignIn: z.boolean(),
    }),
  ),
});
export type PatientView = z.infer<typeof patientView>;

export const registerPatientBody = z
  .object({
    fullName: line(100).nullish(),
    fullNameBo: line(200).nullish(),
    sex: z.enum(patientSexes),
    birthDate: day.nullish(),
    ageYears: z.number().int().min(0).max(130).nullish(),
    ethnicGroup: line(40).nullish(),
    language: language.default("zh-CN"),
    address: line(300).nullish(),
    residentId: line(18).nullish(),
    unknownPerson: z.boolean().default(false),
    unknownNote: line(500).nullish(),
    /** None is fine: many people have no phone. */
    contacts: z
      .array(
        z.object({
          relation: z.enum(contactRelations),
          name: line(100).nullish(),
          phone: line(20),
          maySignIn: z.boolean().default(false),
        }),
      )
      .max(5)
      .default([]),
  })
  .strict();
export type RegisterPatient = z.infer<typeof registerPatientBody>;
/** `similar`: registrations that may be the same person; shown, never joined by themselves. */
export const registerPatientAnswer = z.object({
  patient: patientView,
  existing: z.boolean(),
  similar: z.array(possibleDuplicate).default([]),
});
export const patientSearchQuery = z.object({ q: z.string().trim().min(1).max(100) });
export const patientList = z.object({ patients: z.array(patientView) });

/** Who looked, as the patient reads it. */
export const accessEntry = z.object({
  at: instant,
  who: z.string(),
  institution: z.string().nullable(),
  action: z.string(),
  purpose: z.string().nullable(),
  /** Whose records were read, when it is another house than the reader's own desk. */
  source: z.string().nullable(),
  /** Why records were opened in an emergency. */
  reason: z.string().nullable(),
});
export const accessList = z.object({ entries: z.array(accessEntry) });
