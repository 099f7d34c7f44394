/** How the lines of houses were, for small charts. Pure. */
export type LineSample = {
  org: string;
  at: string;
  people: number;
  /** Parts, 0 to 1. */
  lossDown: number;
  concealed: number;
  thin: number;
  gone: number;
  rttMs: number;
};

export type OrgLine<Sample extends LineSample = LineSample> = {
  org: string;
  samples: readonly Sample[];
  /** Of the samples, weighed by people. */
  thin: number;
  concealed: number;
  rttMs: number;
};

/** By house, the worst first: whom sound was made up for, then who had no picture. */
export function linesByOrg<Sample extends LineSample>(
  samples: readonly Sample[],
): OrgLine<Sample>[] {
  const orgs = new Map<string, Sample[]>();
  for (const sample of samples) {
    const known = orgs.get(sample.org);
    if (known) known.push(sample);
    else orgs.set(sample.org, [sample]);
  }
  return [...orgs]
    .map(([org, own]) => {
      const sorted = own.toSorted((left, right) => left.at.localeCompare(right.at));
      const weight = sorted.reduce((sum, one) => sum + one.people, 0) || 1;
      const mean = (of: (one: Sample) => number) =>
        sorted.reduce((sum, one) => sum + of(one) * one.people, 0) / weight;
      return {
        org,
        samples: sorted,
        thin: mean((one) => one.thin),
        concealed: mean((one) => one.concealed),
        rttMs: Math.round(mean((one) => one.rttMs)),
      };
    })
    .toSorted((left, right) => right.concealed - left.concealed || right.thin - left.thin);
}

/**
 * Points of a line in a box of 100 by 24, by time; the top is `most`.
 * @returns for an SVG polyline; one sample goes all the way
 */
export function pointsOf(
  samples: readonly { at: string }[],
  values: readonly number[],
  most: number,
): string {
  if (samples.length === 1)
    return pointsOf([{ at: "1970" }, { at: "1971" }], [values[0]!, values[0]!], most);
  const times = samples.map((one) => Date.parse(one.at));
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  return times
    .map((time, index) => {
      const x = last === first ? 0 : ((time - first) / (last - first)) * 100;
      const y = 24 - Math.min(1, (values[index] ?? 0) / most) * 24;
      return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
    })
    .join(" ");
}
