/** One line of each of a formulary's tables. */
import { z } from "zod";
import { effectCodes } from "./effects.ts";
import {
  type AllergyGroup,
  grades,
  isAtc,
  type Medicine,
  medicineClasses,
  medicineForms,
  medicineRoutes,
  type Rule,
  ruleKinds,
  type Source,
} from "./medicine.ts";

const text = (max = 200) => z.string().trim().min(1).max(max);
const positive = z.coerce.number<string>().positive().max(1_000_000);
const number = z
  .string()
  .trim()
  .transform((value, context) => {
    if (value === "") return null;
    const parsed = positive.safeParse(value);
    if (parsed.success && /^[\d.]+$/.test(value)) return parsed.data;
    context.addIssue({ code: "custom", message: "not a number" });
    return z.NEVER;
  });
const needed = z
  .string()
  .trim()
  .regex(/^[\d.]+$/)
  .pipe(positive);
const list = (separator: string) =>
  z.string().transform((value) =>
    value
      .split(separator)
      .map((one) => one.trim())
      .filter(Boolean),
  );
const atc = z.string().trim().refine(isAtc);

export const medicineRow = z.object({
  code: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/),
  zh: text(),
  en: text(),
  pinyin: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9]*$/),
  atc,
  parts: list("+").pipe(z.array(atc).max(10)),
  form: z.enum(medicineForms),
  strength: text(60),
  unit: text(10),
  amount: number,
  measure: z
    .string()
    .trim()
    .max(20)
    .transform((value) => value || null),
  route: z.enum(medicineRoutes),
  dose: needed,
  times: needed,
  maxSingle: number,
  maxDaily: number,
  childSingle: number,
  childDaily: number,
  classes: list("|").pipe(z.array(z.enum(medicineClasses)).max(5)),
  pack: needed,
  source: text(80),
}) satisfies z.ZodType<Medicine, unknown>;

const ruleCells = z.object({
  kind: z.enum(ruleKinds),
  a: text(40),
  b: z.string().trim().max(40),
  value: number,
  grade: z.enum(grades),
  effect: z.enum(effectCodes),
  source: text(80),
});
const sound = ({ kind, a, b, value }: z.output<typeof ruleCells>): boolean => {
  if (kind === "allergy") return b !== "" && isAtc(b);
  if (!isAtc(a)) return false;
  if (kind === "interaction") return b !== "" && isAtc(b);
  if (kind === "renal-max") return value !== null && /^[\d.]+$/.test(b) && Number(b) > 0;
  if (kind === "pregnancy" || kind === "lactation") return value === null && b === "";
  return value !== null && b === "";
};
export const ruleRow = {
  shape: ruleCells.shape,
  safeParse: (value: unknown) =>
    ruleCells.refine(sound, { path: ["a"] }).safeParse(value) satisfies
      | { success: true; data: Rule }
      | { success: false },
};

export const groupRow = {
  shape: { code: true, zh: true, en: true, bo: true, words: true },
  safeParse: (value: unknown) =>
    z
      .object({
        code: z
          .string()
          .trim()
          .regex(/^[a-z][a-z0-9-]{1,39}$/),
        zh: text(),
        en: text(),
        bo: z
          .string()
          .trim()
          .transform((one) => one || null),
        words: list("|").pipe(z.array(text(60)).min(1).max(60)),
      })
      .transform(
        ({ code, zh, en, bo, words }): AllergyGroup => ({
          code,
          names: { zh, en, bo },
          words: words.map((one) => one.toLowerCase()),
        }),
      )
      .safeParse(value),
};

export const sourceRow = z.object({
  id: text(80),
  title: text(),
  address: z
    .string()
    .trim()
    .transform((one) => one || null)
    .pipe(z.url().nullable()),
  readOn: z
    .string()
    .trim()
    .transform((one) => one || null)
    .pipe(z.iso.date().nullable()),
}) satisfies z.ZodType<Source, unknown>;
