import { z } from "zod";
import { line } from "../http/contract.ts";

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

export const connectionBody = z
  .object({
    base: line(500),
    privateNetwork: z.boolean().default(false),
    /** Client credentials; left out: it is asked without a token. */
    signIn: z
      .object({
        tokenUrl: line(500),
        clientId: line(200),
        clientSecret: line(500),
        scope: z.string().trim().max(500).default(""),
      })
      .strict()
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
  tookMs: z.number(),
});
