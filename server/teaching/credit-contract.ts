/** What pages send and receive about credit certificates and the house's numbers. */
import { z } from "zod";
import { day, instant, line } from "../http/contract.ts";
import { words } from "./contract.ts";

export const certificateCode = z.string().regex(/^XF\d{8}[A-Z2-7]{10}$/);
export const byCode = z.object({ code: certificateCode });
/** As somebody read it from a paper: what is no code of ours is answered, not refused. */
export const byAnyCode = z.object({ code: z.string().min(1).max(60) });
export const certificateView = z.object({
  code: z.string(),
  title: z.string(),
  name: z.string(),
  issuer: words,
  points: z.number(),
  presencePercent: z.number().int(),
  quizPercent: z.number().int().nullable(),
  issuedAt: instant,
  revokedAt: instant.nullable(),
  revokeReason: z.string().nullable(),
});
export const certificateList = z.object({ certificates: z.array(certificateView) });
/** What the house gave, for who manages teaching there. */
export const issuedQuery = z.object({ q: z.string().trim().max(60).default("") }).strict();
export const issuedList = z.object({
  certificates: z.array(certificateView.extend({ institution: words })),
});
export const revokeBody = z.object({ reason: line(300) }).strict();

/** What a stranger learns who has the code: that it is true, for what, and of whom only the first character. */
export const certificateCheck = z.object({
  state: z.enum(["valid", "revoked", "unknown"]),
  code: z.string(),
  maskedName: z.string().nullable(),
  title: z.string().nullable(),
  issuer: words.nullable(),
  points: z.number().nullable(),
  issuedOn: day.nullable(),
  /** Whether the signature under it is ours. */
  signed: z.boolean(),
});

export const policyBody = z
  .object({
    validFrom: day,
    retentionYears: z.number().int().min(3).max(30),
    smallCellLeast: z.number().int().min(3).max(1000),
    source: line(300),
  })
  .strict();
export const policyList = z.object({
  policies: z.array(
    z.object({
      validFrom: day,
      retentionYears: z.number().int(),
      smallCellLeast: z.number().int(),
      source: z.string(),
      counts: z.boolean(),
    }),
  ),
});
