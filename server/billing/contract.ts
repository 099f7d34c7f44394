/** What pages send and receive about money. Amounts are whole fen. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import {
  billedEncounters,
  coverageSchemes,
  differenceKinds,
  invoiceStates,
  ledgerAccounts,
  MAX_FEN,
  paymentStates,
  priceCategories,
  priceStates,
  refundReasons,
  refundStates,
} from "./domain.ts";

const words = z.object({ zh: line(80), en: line(80), bo: line(80) }).strict();
const fen = z.int().min(0).max(MAX_FEN);

export const priceBody = z
  .object({
    code: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,59}$/),
    category: z.enum(priceCategories),
    name: words,
    unitFen: fen,
    insured: z.boolean(),
    validFrom: day,
  })
  .strict();
export const priceList = z.object({
  prices: z.array(
    z.object({
      id: uuid,
      code: z.string(),
      category: z.enum(priceCategories),
      name: words,
      unitFen: z.int(),
      insured: z.boolean(),
      validFrom: day,
      validUntil: day.nullable(),
      state: z.enum(priceStates),
      proposedBy: uuid.nullable(),
    }),
  ),
});
export const verdictBody = z.object({ verdict: z.enum(["approved", "withdrawn"]) }).strict();

const items = z
  .array(z.object({ code: line(60), quantity: z.number().positive().max(10_000) }).strict())
  .min(1)
  .max(60);
export const previewBody = z
  .object({
    patientId: uuid,
    items,
    /** As the card shows now; without it, as it was seen last. */
    scheme: z.enum(coverageSchemes).optional(),
  })
  .strict();
const splitLine = z.object({
  code: z.string(),
  name: words,
  category: z.enum(priceCategories),
  unitFen: z.int(),
  quantity: z.number(),
  insured: z.boolean(),
  totalFen: z.int(),
  insuranceFen: z.int(),
  ownFen: z.int(),
});
const amounts = { totalFen: z.int(), insuranceFen: z.int(), ownFen: z.int() };
export const previewAnswer = z.object({
  scheme: z.enum(coverageSchemes),
  lines: z.array(splitLine),
  ...amounts,
});
export const coverageBody = z.object({ patientId: uuid, scheme: z.enum(coverageSchemes) }).strict();

export const issueBody = previewBody
  .extend({
    encounterKind: z.enum(billedEncounters),
    encounterId: uuid,
    /** What was shown to the patient: at another price nothing is issued. */
    expectedOwnFen: fen,
    payLater: z.boolean().default(false),
  })
  .strict();
/** What is to be billed, filled in: the fee of the encounter and the medicines approved in it. */
export const unbilledList = z.object({
  encounters: z.array(
    z.object({
      kind: z.enum(billedEncounters),
      id: uuid,
      at: instant,
      patient: z.object({ id: uuid, name: z.string() }),
      scheme: z.enum(coverageSchemes),
      items: z.array(z.object({ code: z.string(), quantity: z.number() })),
      /** Codes that have no approved price today. */
      unpriced: z.array(z.string()),
    }),
  ),
});
export const cancelBody = z.object({ reason: line(200) }).strict();
export const payBody = z.object({ provider: line(40) }).strict();
export const refundRequest = z
  .object({
    amountFen: z.int().min(1).max(MAX_FEN),
    reason: z.enum(refundReasons).exclude(["surplus"]),
    note: z.string().trim().max(200).default(""),
  })
  .strict();

export const invoiceView = z.object({
  id: uuid,
  number: z.string(),
  house: z.string(),
  patient: z.object({ id: uuid, name: z.string() }),
  encounterKind: z.enum(billedEncounters),
  state: z.enum(invoiceStates),
  scheme: z.enum(coverageSchemes),
  ...amounts,
  refundedFen: z.int(),
  payLater: z.boolean(),
  issuedAt: instant,
  dueAt: instant,
  balancedAt: instant.nullable(),
  cancelReason: z.string().nullable(),
  lines: z.array(splitLine),
  payments: z.array(
    z.object({
      id: uuid,
      provider: z.string(),
      state: z.enum(paymentStates),
      amountFen: z.int(),
      surplus: z.boolean(),
      paidAt: instant.nullable(),
    }),
  ),
  refunds: z.array(
    z.object({
      id: uuid,
      amountFen: z.int(),
      reason: z.enum(refundReasons),
      state: z.enum(refundStates),
      requestedAt: instant,
      endedAt: instant.nullable(),
    }),
  ),
});
export const invoiceAnswer = z.object({ invoice: invoiceView });
export const invoiceList = z.object({
  invoices: z.array(invoiceView),
  /** By whom one may pay here. */
  providers: z.array(z.string()),
});
/** Where the person goes on; null while the provider could not be asked, or when nothing is left to pay. */
export const payAnswer = z.object({ paymentId: uuid, payUrl: z.url().nullable() });

export const ledgerAnswer = z.object({
  balances: z.array(z.object({ account: z.enum(ledgerAccounts), fen: z.int() })),
  days: z.array(
    z.object({
      id: uuid,
      provider: z.string(),
      day,
      ours: z.int(),
      theirs: z.int(),
      oursFen: z.int(),
      theirsFen: z.int(),
      comparedAt: instant,
      differences: z.array(
        z.object({
          movementId: z.string(),
          kind: z.enum(differenceKinds),
          oursFen: z.int().nullable(),
          theirsFen: z.int().nullable(),
          clearedAt: instant.nullable(),
          clearedNote: z.string().nullable(),
        }),
      ),
    }),
  ),
});
export const clearBody = z
  .object({ reconciliationId: uuid, movementId: line(60), note: line(300) })
  .strict();
