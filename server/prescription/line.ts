/** A line of a prescription, and how often. Pure. */
export const frequencies = {
  qd: 1,
  bid: 2,
  tid: 3,
  qid: 4,
  "5x": 5,
  qn: 1,
  qod: 0.5,
  weekly: 1 / 7,
  /** When needed, at most so often a day. */
  prn1: 1,
  prn3: 3,
  prn4: 4,
  once: 1,
} as const;
export type Frequency = keyof typeof frequencies;
export const frequencyCodes = Object.keys(frequencies) as [Frequency, ...Frequency[]];

export type Line = {
  /** Of the formulary. */
  code: string;
  /** Units at a time: tablets, millilitres, puffs. */
  dose: number;
  frequency: Frequency;
  days: number;
  /** Units handed out. */
  quantity: number;
};

/** Times a day, for a limit: a weekly dose is one day's dose on its day. */
export const timesADay = (frequency: Frequency): number => Math.max(1, frequencies[frequency]);

/** Units that the days need. */
export const unitsNeeded = ({ dose, frequency, days }: Line): number =>
  frequency === "once" ? dose : Math.ceil(dose * frequencies[frequency] * days * 1000) / 1000;

/** Whole packs that the days need, in units. */
export const packsFor = (line: Line, pack: number): number =>
  Math.max(1, Math.ceil(unitsNeeded(line) / pack)) * pack;
