/** What is different since the prescription that is repeated. Pure. */
import type { Formulary } from "../formulary/domain.ts";
import type { LineRow } from "./repository.ts";
import type { Warning } from "./warning.ts";

type Words = { zh: string; en: string; bo: string };
type Lines = readonly Pick<
  LineRow,
  "medicineCode" | "dose" | "frequency" | "days" | "quantity" | "medicine"
>[];

/** Sentences on medicines that are gone or new, other doses, and what speaks against it now. */
export function lineChanges(
  formulary: Formulary,
  before: Lines,
  after: Lines,
  warnings: readonly Warning[],
): Words[] {
  const names = (one: Lines[number]) => ({ zh: one.medicine.zh, en: one.medicine.en });
  const gone = before.flatMap((one): Words[] => {
    if (after.some((each) => each.medicineCode === one.medicineCode)) return [];
    const { zh, en } = names(one);
    return formulary.find(one.medicineCode)
      ? [{ zh: `去掉了 ${zh}`, en: `${en} was taken off`, bo: `${zh} བསུབས།` }]
      : [
          {
            zh: `${zh} 已不在药品目录，没有带入`,
            en: `${en} is not in the formulary any more and was left out`,
            bo: `${zh} སྨན་ཐོའི་ནང་མེད་པས་བཞག`,
          },
        ];
  });
  const other = after.flatMap((one): Words[] => {
    const { zh, en } = names(one);
    const known = before.find((each) => each.medicineCode === one.medicineCode);
    if (!known) return [{ zh: `新增 ${zh}`, en: `${en} is new`, bo: `${zh} གསར་པ།` }];
    const same =
      known.dose === one.dose && known.frequency === one.frequency && known.days === one.days;
    return same
      ? []
      : [
          {
            zh: `${zh} 的用法改了`,
            en: `${en} is taken differently`,
            bo: `${zh} སྤྱོད་ཚུལ་བསྒྱུར།`,
          },
        ];
  });
  return [
    ...gone,
    ...other,
    ...warnings.filter((one) => one.grade !== "note").map((one) => one.words),
  ];
}
