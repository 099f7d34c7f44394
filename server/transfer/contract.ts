/** What pages send and receive about transfers. The schema is the type. */
import { z } from "zod";
import { vitals } from "../consult/contract.ts";
import { feverVisitStates } from "../fever/domain.ts";
import { instant, line, paragraph, uuid } from "../http/contract.ts";
import { lacking } from "./packet.ts";
import {
  type TransferAction,
  transferActions,
  transferKinds,
  transferStates,
  vehicleKinds,
} from "./states.ts";

const actionNames = Object.keys(transferActions) as [TransferAction, ...TransferAction[]];
const kind = z.enum(transferKinds);
const state = z.enum(transferStates);
const phone = z
  .string()
  .trim()
  .regex(/^[0-9+\-() ]{5,20}$/);

export const beginBody = z
  .object({ referralId: uuid, kind: kind.default("emergency"), feverVisitId: uuid.nullish() })
  .strict();
export type BeginBody = z.infer<typeof beginBody>;

const base = { version: z.number().int().positive() };
/** POST /api/transfers/:id/actions */
export const actionBody = z.discriminatedUnion("action", [
  z
    .object({
      action: z.literal("assign"),
      ...base,
      plate: line(20),
      vehicle: z.enum(vehicleKinds),
      escortName: line(60),
      escortPhone: phone,
      expectedAt: instant.nullish(),
    })
    .strict(),
  z.object({ action: z.literal("pickUp"), ...base }).strict(),
  z.object({ action: z.literal("depart"), ...base, expectedAt: instant.nullish() }).strict(),
  z.object({ action: z.literal("arrive"), ...base }).strict(),
  z
    .object({
      action: z.literal("handOver"),
      ...base,
      receiverName: line(60),
      condition: paragraph.min(1),
      vitals,
    })
    .strict(),
  z.object({ action: z.literal("disinfect"), ...base, disinfection: line(300) }).strict(),
  z.object({ action: z.literal("cancel"), ...base, reason: line(500) }).strict(),
]);
export type ActionBody = z.infer<typeof actionBody>;

export const callBody = z
  .object({
    with: line(60),
    said: paragraph.min(1),
    /** What the other doctor said back. */
    readBack: paragraph.min(1),
    at: instant,
  })
  .strict();
export type CallBody = z.infer<typeof callBody>;
export const readyBody = z.object({ code: line(40), ready: z.boolean() }).strict();

const names = { zh: line(60), en: line(60), bo: line(60) };
export const readyItem = z
  .object({
    code: z.string().regex(/^[a-z0-9-]{1,40}$/),
    ...names,
    kind: kind.optional(),
  })
  .strict();
const readyItems = z.array(readyItem).min(1).max(20);
export const readyList = z.object({
  items: readyItems,
  own: z.boolean(),
  /** 0: the usual list, which nobody here has changed. */
  version: z.int(),
  /** Who saved what when, newest first. */
  versions: z.array(
    z.object({ version: z.int(), by: z.string(), at: instant, items: z.array(readyItem) }),
  ),
});
export const readyListBody = z
  .object({ items: readyItems, version: z.int().nonnegative() })
  .strict()
  .refine(({ items }) => new Set(items.map(({ code }) => code)).size === items.length);

const ref = z.object({
  id: uuid,
  name: z.string(),
  nameEn: z.string().nullable(),
  nameBo: z.string().nullable(),
});

export const transferSummary = z.object({
  id: uuid,
  referralId: uuid,
  number: z.string(),
  kind,
  state,
  version: z.number().int(),
  side: z.enum(["from", "to"]),
  patient: z.object({
    id: uuid,
    fullName: z.string().nullable(),
    fullNameBo: z.string().nullable(),
    sex: z.string(),
    ageYears: z.number().nullable(),
  }),
  reason: z.string().nullable(),
  from: ref,
  to: ref,
  plate: z.string().nullable(),
  requestedAt: instant,
  departedAt: instant.nullable(),
  expectedAt: instant.nullable(),
  arrivedAt: instant.nullable(),
  handedOverAt: instant.nullable(),
  last: z
    .object({
      at: instant,
      toGoMetres: z.number().nullable(),
      accuracyMetres: z.number().nullable(),
    })
    .nullable(),
  ready: z.object({ done: z.number().int(), all: z.number().int() }),
});
export type TransferSummary = z.infer<typeof transferSummary>;
export const transferListQuery = z
  .object({ limit: z.coerce.number().int().min(1).max(1000).default(200) })
  .strict();
export const transferList = z.object({
  transfers: z.array(transferSummary),
  total: z.number().int().nonnegative(),
});

export const transferDetail = transferSummary.extend({
  actions: z.array(z.enum(actionNames)),
  mayTick: z.boolean(),
  mayMakePacket: z.boolean(),
  vehicle: z.enum(vehicleKinds).nullable(),
  escort: z.object({ name: z.string(), phone: z.string() }).nullable(),
  hasLink: z.boolean(),
  phones: z.array(
    z.object({
      who: z.enum(["doctor", "from", "to", "escort"]),
      name: z.string(),
      phone: z.string(),
    }),
  ),
  wholeMetres: z.number().nullable(),
  positions: z.array(
    z.object({
      at: instant,
      latitude: z.number(),
      longitude: z.number(),
      toGoMetres: z.number().nullable(),
    }),
  ),
  calls: z.array(
    z.object({
      id: uuid,
      by: z.string(),
      institution: ref.nullable(),
      with: z.string(),
      said: z.string(),
      readBack: z.string(),
      at: instant,
    }),
  ),
  readyItems: z.array(
    z.object({
      code: z.string(),
      zh: z.string(),
      en: z.string(),
      bo: z.string(),
      tickedBy: z.string().nullable(),
      tickedAt: instant.nullable(),
    }),
  ),
  handOver: z
    .object({ receiver: z.string(), by: z.string(), at: instant, condition: z.string(), vitals })
    .nullable(),
  isolationBed: z.boolean(),
  /** Where the fever visit stands that it comes from: it follows the vehicle, or was moved by hand. */
  feverState: z.enum(feverVisitStates).nullable(),
  /** Reports of an infectious disease of this patient that the reader may see, with their legal clock. */
  reports: z.array(
    z.object({ id: uuid, disease: z.string(), dueAt: instant, receivedAt: instant.nullable() }),
  ),
  disinfection: z.object({ by: z.string(), at: instant, how: z.string() }).nullable(),
  cancelReason: z.string().nullable(),
  packets: z.array(z.object({ madeBy: z.string(), madeAt: instant, openedAt: instant.nullable() })),
  steps: z.array(
    z.object({
      action: z.string(),
      to: state,
      by: z.string(),
      institution: ref.nullable(),
      reason: z.string().nullable(),
      at: instant,
      toldAt: instant,
    }),
  ),
});
export type TransferDetail = z.infer<typeof transferDetail>;

export const ofReferral = z.object({
  transferId: uuid.nullable(),
  /** The patient is in the fever room of the sending house: a closed loop can be begun. */
  fromFeverRoom: z.boolean(),
});
export const linkAnswer = z.object({ url: z.string() });
export const packetAnswer = z.object({
  /** Shown once; told by telephone, never written on the sheet. */
  code: z.string(),
  text: z.string(),
  parts: z.array(z.string()),
  url: z.string(),
  madeAt: instant,
  /** Said to the sender too: it is the sender who can still ask the patient, or ring the house. */
  lacking,
});
export type PacketAnswer = z.infer<typeof packetAnswer>;

/** Whatever stands in the address: what is no link of ours is answered as one that has ended. */
const token = z.string().min(1).max(200);
export const escortBody = z.object({ token }).strict();
export const escortStepBody = z
  .object({
    token,
    action: z.enum(["pickUp", "depart", "arrive"]),
    /** The phone's own time: what it kept without a line is told later. */
    at: instant,
  })
  .strict();
export const escortPositionsBody = z
  .object({
    token,
    positions: z
      .array(
        z
          .object({
            at: instant,
            latitude: z.number().min(-90).max(90),
            longitude: z.number().min(-180).max(180),
            accuracyMetres: z.number().min(0).max(100_000).nullable(),
          })
          .strict(),
      )
      .min(1)
      .max(100),
  })
  .strict();
/** What the crew sees: where to, whom to call, what to press. Nobody's name, nothing of the record. */
export const escortView = z.object({
  state,
  kind,
  number: z.string(),
  plate: z.string().nullable(),
  from: ref.extend({ phone: z.string().nullable(), doctorPhone: z.string().nullable() }),
  to: ref.extend({ phone: z.string().nullable(), address: z.string().nullable() }),
  department: ref.nullable(),
  actions: z.array(z.enum(["pickUp", "depart", "arrive"])),
  departedAt: instant.nullable(),
  expectedAt: instant.nullable(),
  arrivedAt: instant.nullable(),
  lastSharedAt: instant.nullable(),
});
export type EscortView = z.infer<typeof escortView>;

export const packetOpenedBody = z.object({ proof: z.string().regex(/^[\w-]{20,60}$/) }).strict();
