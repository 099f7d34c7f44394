/** What the sign-in pages send and receive. */
import { z } from "zod";
import { instant, language, line, uuid } from "../http/contract.ts";
import { deviceForms } from "./device.ts";
import { proofs } from "./domain.ts";

export const institutionRef = z.object({ id: uuid, slug: z.string(), name: z.string() });

export const staffSession = z.object({
  kind: z.literal("staff"),
  csrfToken: z.string(),
  person: z.object({
    id: uuid,
    name: z.string(),
    nameBo: z.string().nullable(),
    title: z.string().nullable(),
  }),
  /** The institution this session works for; change it with POST /api/session/institution. */
  institution: institutionRef,
  institutions: z.array(institutionRef.extend({ roles: z.array(z.string()) })),
  permissions: z.array(z.string()),
  /** The screen is locked: only a fresh proof of identity (or another person) goes on. */
  locked: z.boolean(),
  /** True while no second factor is set up: nothing may be done before. */
  mustEnrol: z.boolean(),
  /** How this person may prove identity once more; one of them is enough. */
  proofs: z.array(z.enum(proofs)),
  expiresAt: instant,
});
export const patientSession = z.object({
  kind: z.literal("patient"),
  csrfToken: z.string(),
  /** The people whose pages this phone may open (oneself, a child, ...). */
  patients: z.array(
    z.object({ id: uuid, name: z.string(), nameBo: z.string().nullable(), relation: z.string() }),
  ),
  /** Whom the call button dials: the hospital that keeps the record; null where it has named no number. */
  help: z.object({ name: z.string(), phone: z.string() }).nullable(),
  expiresAt: instant,
});
export const guestSession = z.object({
  kind: z.literal("guest"),
  csrfToken: z.string(),
  name: z.string(),
  relation: z.string(),
  consultId: uuid,
  expiresAt: instant,
});
export const sessionView = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none"), demo: z.boolean() }),
  staffSession.extend({ demo: z.boolean() }),
  patientSession.extend({ demo: z.boolean() }),
  guestSession.extend({ demo: z.boolean() }),
]);
export type SessionView = z.infer<typeof sessionView>;
export type StaffSession = z.infer<typeof staffSession>;

export const signInBody = z.object({ loginName: line(64), password: z.string().min(1).max(200) });
/** Either signed in, or a second factor is asked for. */
export const signInAnswer = z.discriminatedUnion("next", [
  z.object({ next: z.literal("done") }),
  z.object({
    next: z.literal("second-factor"),
    challengeId: uuid,
    methods: z.array(z.enum(["totp", "passkey"])),
  }),
]);
export const totpBody = z.object({ challengeId: uuid, code: z.string().regex(/^\d{6}$/) });
export const phoneCodeBody = z.object({ phone: z.string().trim().min(5).max(20) });
/** `demoCode` is there only while demo data are loaded. */
export const phoneCodeAnswer = z.object({
  sentTo: z.string(),
  expiresAt: instant,
  demoCode: z.string().optional(),
});
export const phoneSignInBody = z.object({
  phone: z.string().trim().min(5).max(20),
  code: z.string().regex(/^\d{6}$/),
});
export const reauthenticateBody = z.object({
  password: z.string().min(1).max(200),
  totp: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
});
/** WebAuthn in JSON: the library checks the inside; here only that it is an object. */
export const webAuthn = z.record(z.string(), z.unknown());
export const passkeyOptions = z.object({ challengeId: uuid, options: webAuthn });
export const passkeyBody = z.object({ challengeId: uuid, response: webAuthn });
export const secondFactors = z.object({
  /** Since when an authenticator app is asked for; null without one. */
  totpSince: instant.nullable(),
  passkeys: z.array(z.object({ id: uuid, addedAt: instant })),
});
export const ownSessions = z.object({
  sessions: z.array(
    z.object({
      id: uuid,
      /** The one that asks. */
      current: z.boolean(),
      device: z.object({
        browser: z.string().nullable(),
        system: z.string().nullable(),
        form: z.enum(deviceForms),
      }),
      /** Where a member of staff works in it; null for patients. */
      institution: z.string().nullable(),
      startedAt: instant,
      /** To the minute. */
      lastSeenAt: instant,
      locked: z.boolean(),
    }),
  ),
});
export const switchInstitutionBody = z.object({ institutionId: uuid });
export const guestSignInBody = z.object({ secret: z.string().min(20).max(100) });

export const demoAccount = z.object({
  loginName: z.string().nullable(),
  phone: z.string().nullable(),
  name: z.string(),
  role: z.string(),
  institution: z.string().nullable(),
  scene: z.number().int().nullable(),
  /** Key of what this person does in the story. */
  story: z.string(),
});
export const demoAccounts = z.object({ accounts: z.array(demoAccount) });
export const demoSignInBody = z.object({
  loginName: z.string().optional(),
  phone: z.string().optional(),
});
export const acceptLanguage = language;
