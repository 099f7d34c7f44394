/** Words and rules of a transfer that are not states. Pure. */
import type { TransferKind } from "./states.ts";

export type ReadyItem = { code: string; zh: string; en: string; bo: string; kind?: TransferKind };

/** What a receiving team makes ready, unless the house has a list of its own. */
export const defaultReadyItems: readonly ReadyItem[] = [
  { code: "resuscitation-bay", zh: "抢救床位", en: "Resuscitation bay", bo: "སྐྱོབ་གསོའི་ཉལ་ཁྲི།" },
  { code: "oxygen", zh: "氧气、吸引", en: "Oxygen and suction", bo: "འཚོ་རླུང་དང་འཇིབ་ཆས།" },
  {
    code: "specialist",
    zh: "专科医生已通知",
    en: "Specialist called",
    bo: "ཆེད་མཁས་སྨན་པར་བརྡ་སྦྱར།",
  },
  { code: "blood", zh: "备血", en: "Blood", bo: "ཁྲག་གྲ་སྒྲིག" },
  {
    code: "isolation-bed",
    zh: "隔离床位与通道",
    en: "Isolation bed and way in",
    bo: "ཟུར་བཀར་ཉལ་ཁྲི་དང་ལམ།",
    kind: "infectious",
  },
  {
    code: "protection",
    zh: "三级防护到位",
    en: "Protective suits on",
    bo: "སྲུང་གོས་གྱོན་ཟིན།",
    kind: "infectious",
  },
];

/** The items that counted at an instant: of the newest version saved by then, else the usual ones. */
export const readyListAt = (
  versions: readonly { version: number; items: readonly ReadyItem[]; updatedAt: Date }[],
  at: Date,
): readonly ReadyItem[] =>
  versions
    .filter(({ updatedAt }) => updatedAt <= at)
    .reduce<{ version: number; items: readonly ReadyItem[] }>(
      (newest, one) => (one.version > newest.version ? one : newest),
      { version: 0, items: defaultReadyItems },
    ).items;

/** A house's list for a kind of transfer. */
export const itemsFor = (items: readonly ReadyItem[], kind: TransferKind): ReadyItem[] =>
  items.filter((item) => !item.kind || item.kind === kind);

/** How far back and ahead a phone without a line may date what it kept. */
export const queuedAtMostHours = 24;

/**
 * The time that a step of a phone counts for: its own, unless its clock runs ahead or it lies before what
 * came earlier.
 */
export function timeOfStep(said: Date | null, earliest: Date, now: Date): Date {
  if (!said || said > now) return now;
  if (said < earliest || now.getTime() - said.getTime() > queuedAtMostHours * 3_600_000)
    return earliest > now ? now : earliest;
  return said;
}

/** Coordinates are kept until a day after the hand-over. */
export const positionsKeptHours = 24;
