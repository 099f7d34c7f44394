/** What pages say about the notice centre, quiet hours and what became of messages. */
import { z } from "zod";
import { instant, line, uuid } from "../http/contract.ts";
import { smsStates } from "./sms-states.ts";
import { noticeHolds, noticeUrgencies } from "./urgency.ts";

const minute = z.number().int().min(0).max(1439);
const day = z.iso.date();

export const centreQuery = z
  .object({
    of: z.enum(["mine", "house"]).default("mine"),
    unacknowledged: z.enum(["true", "false"]).default("false"),
    /** Kinds whose words hold what is looked for, as the page's language has them. */
    kinds: z.string().max(2000).optional(),
    number: line(40).optional(),
    from: day.optional(),
    to: day.optional(),
  })
  .strict();

export const centreView = z.object({
  fresh: z.number().int(),
  keptDays: z.number().int(),
  notices: z.array(
    z.object({
      id: uuid,
      kind: z.string(),
      entityType: z.string(),
      entityId: z.string(),
      detail: z.record(z.string(), z.unknown()),
      urgency: z.enum(noticeUrgencies),
      at: instant,
      readAt: instant.nullable(),
      mine: z.boolean(),
      toldTo: z.number().int(),
      acknowledged: z.object({ by: z.string(), at: instant }).nullable(),
      held: z.object({ until: instant, for: z.enum(noticeHolds) }).nullable(),
    }),
  ),
});
export type CentreView = z.infer<typeof centreView>;

export const quietBody = z.object({ fromMinute: minute, toMinute: minute }).strict();
export const quietView = z.object({
  fromMinute: minute,
  toMinute: minute,
  /** Whether it is the person's own choice or the house's. */
  own: z.boolean(),
  timeZone: z.string(),
  digestMinutes: z.array(minute),
});
export type QuietView = z.infer<typeof quietView>;

export const noticePolicyBody = z
  .object({
    validFrom: day,
    digestMinutes: z.array(minute).min(1).max(8),
    quietFromMinute: minute,
    quietToMinute: minute,
    keptDays: z.number().int().min(30).max(3650),
    worseMinutes: z.number().int().min(5).max(240),
    silentHours: z.number().int().min(1).max(48),
    silentMinutes: z.number().int().min(15).max(1440),
    source: line(200),
  })
  .strict();
const policyNumbers = z.object({
  digestMinutes: z.array(minute),
  quietFromMinute: minute,
  quietToMinute: minute,
  keptDays: z.number().int(),
  worseMinutes: z.number().int(),
  silentHours: z.number().int(),
  silentMinutes: z.number().int(),
});
export const noticePolicyList = z.object({
  today: day,
  defaults: policyNumbers,
  rows: z.array(policyNumbers.extend({ id: uuid, validFrom: day, source: z.string() })),
});
export type NoticePolicyList = z.infer<typeof noticePolicyList>;

export const messageList = z.object({
  messages: z.array(
    z.object({
      id: uuid,
      kind: z.string(),
      state: z.enum(smsStates),
      at: instant,
      stateAt: instant.nullable(),
      heldUntil: instant.nullable(),
      patientId: uuid.nullable(),
      phoneMasked: z.string(),
      sender: z.string().nullable(),
      /** It did not arrive, and stands on the list of calls. */
      call: z.boolean(),
    }),
  ),
});
export type MessageList = z.infer<typeof messageList>;
export const receiptBody = z
  .object({ id: uuid, state: z.enum(["delivered", "failed", "expired"]) })
  .strict();
