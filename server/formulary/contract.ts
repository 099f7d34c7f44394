/** What pages send and receive about formularies. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { formularyStates, importFaults } from "./domain.ts";

const table = z.string().max(6_000_000);
/** Tables in CSV; a table that is left out is the starter's. */
export const importBody = z
  .object({
    validFrom: day,
    note: line(400),
    medicines: table,
    rules: table.optional(),
    groups: table.optional(),
    sources: table.optional(),
  })
  .strict();
export const testBody = importBody.omit({ validFrom: true, note: true });

const fault = z.object({
  table: z.enum(["medicines", "rules", "groups", "sources"]),
  line: z.int(),
  column: z.string().nullable(),
  fault: z.enum(importFaults),
  text: z.string(),
});
export const importReport = z.object({
  medicines: z.int(),
  rules: z.int(),
  /** Rules and doses without a page that was read. */
  recalled: z.int(),
  faults: z.array(fault),
  faultCount: z.int(),
});
export const versionView = z.object({
  id: uuid,
  version: z.int(),
  validFrom: day,
  state: z.enum(formularyStates),
  starter: z.boolean(),
  note: z.string(),
  author: z.string().nullable(),
  publisher: z.string().nullable(),
  publishedAt: instant.nullable(),
  /** Prescriptions are checked by it today. */
  current: z.boolean(),
  mayPublish: z.boolean(),
  medicines: z.int(),
  rules: z.int(),
  recalled: z.int(),
});
export const versionList = z.object({ versions: z.array(versionView) });
