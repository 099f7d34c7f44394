/** Departments that closed while referrals to them were open. */
import { z } from "zod";
import { instant, line, uuid } from "../http/contract.ts";
import { referralUrgencies } from "./domain.ts";
import { referralDirections, referralStates } from "./states.ts";

const place = z.object({ id: uuid, name: z.string() });
export const closeDepartmentBody = z
  .object({
    /** Why it takes nobody any more; null: it takes people again. */
    reason: line(300).min(4).nullable(),
  })
  .strict();
export const closeDepartmentAnswer = z.object({
  department: place.extend({ closedAt: instant.nullable(), closedReason: z.string().nullable() }),
  /** Referrals that are open there: each is told to who sent it and to the desk. */
  openReferrals: z.number().int(),
});
export const closedList = z.object({
  referrals: z.array(
    z.object({
      id: uuid,
      number: z.string(),
      direction: z.enum(referralDirections),
      state: z.enum(referralStates),
      urgency: z.enum(referralUrgencies),
      patientName: z.string(),
      /** Whether the reader's house sent it; else it came to it. */
      isOurs: z.boolean(),
      house: place,
      department: place,
      closedAt: instant,
      closedReason: z.string(),
      /** Departments of the same specialty that take people: same house first. */
      alternatives: z.array(z.object({ house: place, department: place })),
    }),
  ),
});
