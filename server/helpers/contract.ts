/** What pages say about registered helpers. */
import { z } from "zod";
import { appointmentView } from "../booking/contract.ts";
import { instant, line, uuid } from "../http/contract.ts";
import { helperConsentMethods, helperKinds } from "./domain.ts";

const kind = z.enum(helperKinds);
const method = z.enum(helperConsentMethods);

export const consentView = z.object({
  id: uuid,
  patient: z.object({ id: uuid, name: z.string(), nameBo: z.string().nullable() }),
  method,
  words: z.string(),
  witnessName: z.string(),
  recordedBy: z.string(),
  givenAt: instant,
  revokedAt: instant.nullable(),
});
export const helperView = z.object({
  id: uuid,
  person: z.object({ id: uuid, name: z.string() }),
  kind,
  area: z.string(),
  registeredAt: instant,
  endedAt: instant.nullable(),
  consents: z.array(consentView),
});
export const helperList = z.object({
  helpers: z.array(helperView),
  /** Accounts with the helper's role that nobody has registered here yet. */
  candidates: z.array(z.object({ id: uuid, name: z.string() })),
  mayRegister: z.boolean(),
});
export type HelperList = z.infer<typeof helperList>;
export const registerHelperBody = z
  .object({ personId: uuid, kind, area: z.string().trim().max(100).default("") })
  .strict();
/** Somebody who is to help and has no account yet. */
export const helperAccountBody = z
  .object({
    name: line(80),
    /** No telephone number: it would lie open in the list of accounts. */
    loginName: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z][a-z0-9.-]{2,31}$/),
  })
  .strict();
/** The password is told this once. */
export const helperAccount = z.object({
  personId: uuid,
  loginName: z.string(),
  password: z.string(),
});
export type HelperAccount = z.infer<typeof helperAccount>;
export const consentBody = z
  .object({ patientId: uuid, method, words: line(300), witnessName: line(80) })
  .strict();

/** For the helper: the people who agreed, with what this helper booked for them. */
export const helping = z.object({
  people: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      nameBo: z.string().nullable(),
      ageYears: z.number().int().nullable(),
      since: instant,
      appointments: z.array(appointmentView),
    }),
  ),
});
export type Helping = z.infer<typeof helping>;

/** For the elder's own page: who may book, and the way to take it back. */
export const myHelpers = z.object({
  helpers: z.array(
    z.object({
      consentId: uuid,
      name: z.string(),
      kind,
      institution: z.string(),
      patient: z.object({ id: uuid, name: z.string() }),
      givenAt: instant,
      method,
      witnessName: z.string(),
    }),
  ),
});
/** For the hotline: whose word stands for the patient on the line. */
export const patientHelpers = z.object({
  helpers: z.array(
    z.object({ consentId: uuid, name: z.string(), kind, words: z.string(), givenAt: instant }),
  ),
});
export type PatientHelpers = z.infer<typeof patientHelpers>;
export type MyHelpers = z.infer<typeof myHelpers>;
