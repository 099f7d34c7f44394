/** What pages send and receive about houses outside. The schema is the type. */
import { z } from "zod";
import { instant, uuid } from "../http/contract.ts";
import { referralStates } from "../referral/domain.ts";
import { outsideFaults } from "./domain.ts";

export const houseBody = z
  .object({
    /** The house whose server this connection is; null: records alone, nothing is referred there. */
    institutionId: uuid.nullable(),
  })
  .strict();
export const systemBody = z
  .object({
    name: z.string().trim().min(2).max(100),
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) }).strict(),
  })
  .strict();
export const houseView = z.object({
  connectionId: uuid,
  institutionId: uuid.nullable(),
  /** Null: the server of no house, records alone. */
  name: z.string().nullable(),
  nameEn: z.string().nullable(),
  nameBo: z.string().nullable(),
  phone: z.string().nullable(),
  /** Its own system here, by which it answers; null: it only reads what we send. */
  system: z.object({ id: uuid, name: z.string() }).nullable(),
  /** Referrals of the line that could not be told or read, or contradict. */
  waiting: z.number().int(),
});
export const houseList = z.object({
  houses: z.array(houseView),
  /** Houses that have nobody here: one of them may be named. */
  candidates: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      nameEn: z.string().nullable(),
      nameBo: z.string().nullable(),
    }),
  ),
});

/** One thing that a laboratory found, as it is read. */
const carriedItem = z.object({
  key: z.string(),
  title: z.string(),
  date: z.string().nullable(),
  value: z.string().nullable(),
  flag: z.enum(["usual", "low", "high", "critical"]).nullable(),
  range: z.object({ low: z.number().nullable(), high: z.number().nullable() }).nullable(),
});
/** How the line of one referral is. */
export const lineView = z.object({
  line: z
    .object({
      house: z.string(),
      houseEn: z.string().nullable(),
      houseBo: z.string().nullable(),
      phone: z.string().nullable(),
      side: z.enum(["from", "to"]),
      /** Without an address they read here themselves. */
      hasAddress: z.boolean(),
      requesterName: z.string().nullable(),
      theirNumber: z.string().nullable(),
      theirState: z.enum(referralStates).nullable(),
      sentAt: instant.nullable(),
      readAt: instant.nullable(),
      triedAt: instant.nullable(),
      nextAt: instant.nullable(),
      fault: z.enum(outsideFaults).nullable(),
      failedCount: z.number().int(),
      failingSince: instant.nullable(),
      /** So long silent that somebody has to ring. */
      silent: z.boolean(),
      contradiction: z.enum(referralStates).nullable(),
      /** What came along; empty to whoever no longer has the patient. */
      results: z.array(carriedItem),
    })
    .nullable(),
});
export type OutsideLine = NonNullable<z.infer<typeof lineView>["line"]>;
