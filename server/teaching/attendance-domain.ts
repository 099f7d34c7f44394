/** Who was there, how long: interval algebra over what was reported. Pure; times are milliseconds. */

/** From, and up to but not with. */
export type Interval = { readonly from: number; readonly until: number };

/** The same time once: sorted, nothing empty, nothing that overlaps or touches. */
export function normalise(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals
    .filter(({ from, until }) => until > from)
    .toSorted((left, right) => left.from - right.from);
  const merged: Interval[] = [];
  for (const one of sorted) {
    const last = merged.at(-1);
    if (last && one.from <= last.until)
      merged[merged.length - 1] = { from: last.from, until: Math.max(last.until, one.until) };
    else merged.push(one);
  }
  return merged;
}

/** What lies in both. */
export function intersect(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const bounds = normalise(right);
  return normalise(left).flatMap((one) =>
    bounds
      .map(({ from, until }) => ({
        from: Math.max(one.from, from),
        until: Math.min(one.until, until),
      }))
      .filter(({ from, until }) => until > from),
  );
}

/** What lies in the first and not in the second. */
export function subtract(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  return normalise(right).reduce<Interval[]>(
    (rest, hole) =>
      rest.flatMap((one) =>
        [
          { from: one.from, until: Math.min(one.until, hole.from) },
          { from: Math.max(one.from, hole.until), until: one.until },
        ].filter(({ from, until }) => until > from),
      ),
    normalise(left),
  );
}

/** Whole seconds, the same time counted once. */
export const secondsOf = (intervals: readonly Interval[]): number =>
  Math.floor(normalise(intervals).reduce((sum, { from, until }) => sum + until - from, 0) / 1_000);

/** One device's stay, as the media node or the device's own signs of life told it. */
export type Stay = Interval & {
  /** Who is signed in at it. */
  personId: string;
  institutionId: string;
  /** A screen that many watch counts for those whose names were ticked there, and for nobody else. */
  kind: "person" | "site";
};

/** Somebody whose name was ticked in front of a site's screen. */
export type Tick = {
  institutionId: string;
  /** Of the staff; null: a free name, of an intern. */
  personId: string | null;
  name: string;
};

export type Present = {
  personId: string | null;
  name: string | null;
  institutionId: string;
  seconds: number;
  /** Of the time that was taught, between 0 and 1, three digits. */
  share: number;
};

/**
 * Who was present how long. Time before the beginning, after the end and while the presenter's line was
 * broken belongs to nobody; two devices of one person, or an own phone in front of the site's screen, count
 * once. A free name is one person per house.
 */
export function presentOf(session: {
  taught: Interval;
  broken: readonly Interval[];
  stays: readonly Stay[];
  ticks: readonly Tick[];
}): Present[] {
  const counted = subtract([session.taught], session.broken);
  const whole = secondsOf(counted);
  const people = new Map<string, Omit<Present, "seconds" | "share"> & { when: Interval[] }>();
  const add = (key: string, who: Omit<Present, "seconds" | "share">, when: readonly Interval[]) => {
    const known = people.get(key) ?? { ...who, when: [] };
    known.when.push(...when);
    people.set(key, known);
  };
  for (const stay of session.stays)
    if (stay.kind === "person")
      add(
        stay.personId,
        { personId: stay.personId, name: null, institutionId: stay.institutionId },
        [stay],
      );
  for (const { institutionId, personId, name } of session.ticks) {
    const screen = session.stays.filter(
      (stay) => stay.kind === "site" && stay.institutionId === institutionId,
    );
    add(
      personId ?? `${institutionId} ${name}`,
      { personId, name: personId ? null : name, institutionId },
      screen,
    );
  }
  return [...people.values()].flatMap(({ when, ...who }) => {
    const seconds = secondsOf(intersect(when, counted));
    if (seconds === 0) return [];
    return [
      { ...who, seconds, share: whole === 0 ? 0 : Math.round((seconds / whole) * 1_000) / 1_000 },
    ];
  });
}

/** One quiz question as it was answered. */
export type QuizAnswer = { right: readonly number[]; chosen: readonly number[] };

/** Part of the quiz questions that was answered rightly, 0 to 1; an unanswered one is not right; null: there were none. */
export function quizScore(questions: number, answers: readonly QuizAnswer[]): number | null {
  if (questions === 0) return null;
  const right = answers.filter((answer) => sameChoice(answer.right, answer.chosen)).length;
  return Math.round((right / questions) * 1_000) / 1_000;
}

const sameChoice = (left: readonly number[], right: readonly number[]) =>
  left.length === right.length && left.every((one) => right.includes(one));
