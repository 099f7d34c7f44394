/** What a person's own phone is told of his record and says about it. */
import { z } from "zod";
import { uuid } from "../http/contract.ts";
import { accessEntry } from "../patients/contract.ts";
import type { SensitiveCategory } from "./own-domain.ts";
import { itemCertainties } from "./record-contract.ts";

const names = {
  code: z.string(),
  name: z.string(),
  nameBo: z.string().nullable(),
  nameEn: z.string().nullable(),
};
const section = z.enum(["warnings", "problems", "medicines", "results", "visits", "documents"]);

export const ownParams = z.object({ id: uuid });
/** Who this phone may ask about, and what it may do for each. */
export const ownPeople = z.object({
  people: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      nameBo: z.string().nullable(),
      relation: z.string(),
      mayRead: z.boolean(),
      mayDecide: z.boolean(),
    }),
  ),
});

export const ownResult = z.object({
  value: z.number().nullable(),
  text: z.string().nullable(),
  unit: z.string().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Plain words: as usual, a little low or high, ask your doctor, be seen today. */
  says: z.enum(["usual", "low", "high", "ask", "now"]).nullable(),
  /** By altitude and age, or as the laboratory printed it. */
  rangeFrom: z.enum(["place", "source"]).nullable(),
});
export const ownItem = z.object({
  key: z.string(),
  section,
  title: z.string(),
  detail: z.string().nullable(),
  certainty: z.enum(itemCertainties).nullable(),
  isPast: z.boolean(),
  date: z.string().nullable(),
  result: ownResult.nullable(),
  /** Codes of institutions that say so. */
  sources: z.array(z.string()),
});
export const ownSource = z.object({
  ...names,
  state: z.enum(["answered", "nothing", "down"]),
  /** When its list was last read; for one that does not answer. */
  knownAt: z.string().nullable(),
});
export const ownRecord = z.object({
  patientId: uuid,
  at: z.string(),
  sources: z.array(ownSource),
  items: z.array(ownItem),
});
export type OwnRecord = z.infer<typeof ownRecord>;
type OwnSource = z.infer<typeof ownSource>;
/** The same as lines of JSON, as each institution answers. */
export type OwnEvent =
  | {
      readonly type: "start";
      readonly patientId: string;
      readonly at: string;
      readonly sources: readonly Omit<OwnSource, "state">[];
    }
  | { readonly type: "items"; readonly items: readonly z.infer<typeof ownItem>[] }
  | { readonly type: "source"; readonly source: string; readonly state: OwnSource["state"] }
  | { readonly type: "end" };

const categories = [
  "mental",
  "sexual",
  "infectious",
  "addiction",
  "genetic",
] as const satisfies readonly SensitiveCategory[];
export const choiceBody = z.discriminatedUnion("about", [
  z.object({
    about: z.literal("institution"),
    code: z.string().max(80),
    choice: z.enum(["all", "limited", "none"]),
  }),
  z.object({
    about: z.literal("category"),
    code: z.enum(categories),
    choice: z.enum(["hidden", "shown"]),
  }),
]);
export const choiceView = z.object({
  patientId: uuid,
  mayDecide: z.boolean(),
  institutions: z.array(
    z.object({
      ...names,
      choice: z.enum(["all", "limited", "none"]).nullable(),
      /** Said by the person here; else at a window or for a consult, or never. */
      isOwn: z.boolean(),
    }),
  ),
  categories: z.array(
    z.object({ code: z.enum(categories), choice: z.enum(["hidden", "shown"]), isOwn: z.boolean() }),
  ),
  /** Servers elsewhere that may be asked about the person and follow their own institution's rules for others. */
  askedOnly: z.array(z.object(names)),
  /** Institutions that keep something about the person, and whether the last choice is in force there. */
  keepers: z.array(z.object({ ...names, follows: z.boolean(), answers: z.boolean() })),
  history: z.array(
    z.object({
      at: z.string(),
      institution: z.object(names).nullable(),
      category: z.string().nullable(),
      choice: z.string(),
      relation: z.string(),
    }),
  ),
});

export const ownAccess = z.object({
  entries: z.array(accessEntry),
  /** Institutions whose list of readings could not be read now. */
  silent: z.array(z.object(names)),
});
export const summaryQuery = z.object({ language: z.enum(["zh-CN", "bo", "en"]).default("zh-CN") });
