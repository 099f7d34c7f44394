/** Who on the ward could go down, and why not yet. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { wardFactKinds } from "./domain.ts";

const words = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
export const verdicts = ["met", "not-met", "unknown", "ask"] as const;
export const wardSuggestions = z.object({
  /** Who lies in a bed of this house and was looked at. */
  looked: z.number().int(),
  suggestions: z.array(
    z.object({
      stayId: uuid,
      patient: z.object({ id: uuid, name: z.string(), ageYears: z.number().int().nullable() }),
      since: instant,
      days: z.number().int(),
      plannedOn: day.nullable(),
      diagnoses: z.array(z.object({ code: z.string().nullable(), text: z.string() })),
      way: z.object({ id: uuid, names: words, reviewDays: z.number().int().nullable() }),
      /** The referral that brought him here; a way down begins from it. */
      wayUpId: uuid.nullable(),
      /** A way down that was begun already. */
      begunId: uuid.nullable(),
      facts: z.array(
        z.object({
          /** One that the records answer; null: a criterion of the way that a person says. */
          kind: z.enum(wardFactKinds).nullable(),
          names: words.nullable(),
          verdict: z.enum(verdicts),
          detail: z.object({
            readings: z.number().int().optional(),
            hours: z.number().int().optional(),
            out: z.string().optional(),
            items: z.string().optional(),
            day: z.string().optional(),
          }),
        }),
      ),
      postponed: z
        .object({ until: day, reason: z.string(), by: z.string(), at: instant })
        .nullable(),
    }),
  ),
});
export type WardSuggestion = z.infer<typeof wardSuggestions>["suggestions"][number];
export const postponeBody = z.object({ reason: line(300).min(2), until: day }).strict();
export const postponeAnswer = z.object({ until: day });
