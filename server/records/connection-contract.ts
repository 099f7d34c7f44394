import { z } from "zod";
import { line, uuid } from "../http/contract.ts";
import { partnerFaults } from "./federation/fault.ts";

/** What may be wrong with an outside FHIR server; the page has a sentence for each. */
export const connectionFaults = [
  "name",
  "closed",
  "certificate",
  "unreachable",
  "timeout",
  "redirect",
  "private-address",
  "insecure",
  "not-fhir",
  "unreadable",
  "too-large",
  "version",
  "sign-in",
  "refused",
  "busy",
  "failed",
] as const;

const scope = z.string().trim().max(500).default("");
const credentials = z
  .object({
    kind: z.literal("credentials"),
    tokenUrl: line(500),
    clientId: line(200),
    /** Left out when a connection is changed: the one that is kept stays. */
    clientSecret: line(500).optional(),
    scope,
  })
  .strict();
const signedJwt = z
  .object({ kind: z.literal("signed-jwt"), tokenUrl: line(500), clientId: line(200), scope })
  .strict();
const place = { base: line(500), privateNetwork: z.boolean().default(false) };
/** Left out: it is asked without a token. */
const signIn = z.discriminatedUnion("kind", [credentials, signedJwt]).nullish();

/** How a connection is tried before it is saved; a sign-in without `kind` is by credentials. */
export const connectionBody = z
  .object({
    ...place,
    signIn: z
      .union([
        z.discriminatedUnion("kind", [credentials.required({ clientSecret: true }), signedJwt]),
        credentials
          .omit({ kind: true })
          .required({ clientSecret: true })
          .transform((one) => ({ kind: "credentials" as const, ...one })),
      ])
      .nullish(),
  })
  .strict();
export const connectionResult = z.object({
  /** Null: it can be asked. */
  fault: z.enum(connectionFaults).nullable(),
  status: z.number().nullable(),
  version: z.string().nullable(),
  software: z.string().nullable(),
  types: z.number().nullable(),
  /** It knows `Patient/$everything`; null: not found out. */
  hasEverything: z.boolean().nullable(),
  tookMs: z.number(),
});

export const outsideBody = z
  .object({
    name: line(80),
    ...place,
    signIn,
    /** For how long an answer may be kept for the time when it does not answer; 0: not at all. */
    cacheMinutes: z.number().int().min(0).max(1440).default(0),
  })
  .strict();
export const outsideChange = outsideBody.extend({ version: z.number().int().min(1) }).strict();
export const outsideParams = z.object({ id: uuid });
export const outsidePause = z.discriminatedUnion("paused", [
  z.object({ paused: z.literal(true), reason: z.string().trim().min(4).max(300) }).strict(),
  z.object({ paused: z.literal(false) }).strict(),
]);
export const outsideRemoval = z.object({ version: z.number().int().min(1) }).strict();

export const outsideView = z.object({
  id: uuid,
  name: z.string(),
  base: z.string(),
  privateNetwork: z.boolean(),
  /** Without the secret: it goes in and never out. */
  signIn: z
    .object({
      kind: z.enum(["credentials", "signed-jwt"]),
      tokenUrl: z.string(),
      clientId: z.string(),
      scope: z.string(),
    })
    .nullable(),
  cacheMinutes: z.number(),
  software: z.string().nullable(),
  /** Types of a record that it holds by its own statement; null: not found out. */
  types: z.array(z.string()).nullable(),
  hasEverything: z.boolean().nullable(),
  testedAt: z.string().nullable(),
  testFault: z.enum(connectionFaults).nullable(),
  answeredAt: z.string().nullable(),
  pausedAt: z.string().nullable(),
  pauseReason: z.string().nullable(),
  version: z.number(),
});
export const outsideAnswer = z.object({ server: outsideView });
export const keyView = z.object({
  /** Where a partner reads it. */
  address: z.string(),
  keyId: z.string(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
});
export const keyAnswer = z.object({ key: keyView });
export const outsideList = z.object({
  servers: z.array(outsideView),
  /** Null until it is wanted for the first time. */
  key: keyView.nullable(),
});

/** Faults of questions, and of what answers hold. */
export const sourceFaultKinds = [
  ...partnerFaults,
  "invalid-resource",
  "other-entries",
  "withheld",
] as const;
export type SourceFaultKind = (typeof sourceFaultKinds)[number];
export const faultList = z.object({
  days: z.number(),
  faults: z.array(
    z.object({
      source: z.string(),
      name: z.string(),
      kind: z.enum(sourceFaultKinds),
      /** Path in the resource that was wrong, for the source's own engineers. */
      expression: z.string().nullable(),
      times: z.number(),
      lastAt: z.string(),
    }),
  ),
});
