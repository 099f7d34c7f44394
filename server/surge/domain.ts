/** The rules of a surge: sizing, who goes to which station, who is moved, when it ends. Pure. */

/** planned: the form is written, the second person has not signed. Closing: nobody new, queues run out. */
export const surgeStates = ["planned", "open", "closing", "stood-down", "withdrawn"] as const;
export type SurgeState = (typeof surgeStates)[number];

/** Steps that exist; the table `surge_transition` holds the same rows and a test compares. */
export const surgeSteps: Readonly<Record<SurgeState, readonly SurgeState[]>> = {
  planned: ["open", "withdrawn"],
  open: ["closing"],
  closing: ["open", "stood-down"],
  "stood-down": [],
  withdrawn: [],
};

/** Somebody's place in a surge. `left`: cancelled or did not come. */
export const placeStates = ["waiting", "sampled", "led-away", "left"] as const;
export type PlaceState = (typeof placeStates)[number];

/** One site per 2,000–3,000 people (domain.md, Nucleic-acid testing). */
export const peoplePerSite = { fewest: 2000, most: 3000 } as const;
/** Swabs per sampler and hour (domain.md). */
export const swabsPerHour = { slowest: 60, fastest: 100 } as const;
/** This many at the head of a queue are called: they stand before the table and stay there. */
export const calledAhead = 3;
/** Somebody is sent to another station only when that saves at least so many minutes. */
export const leastSavingMinutes = 6;
/** Nobody is sent about more often. */
export const mostMoves = 2;
/** A longer gap between two swabs is a pause or an empty queue and says nothing of the pace, seconds. */
export const longestGapSeconds = 180;
/** How many swabs' worth of trust the planned pace has against what is measured. */
export const plannedWeight = 5;

export type Sizing = {
  /** Sites that the number of people asks for. */
  sitesAtLeast: number;
  sitesAtMost: number;
  /** Swabs that all stations together take in an hour. */
  perHour: number;
  /** How many are sampled when the time is over. */
  managed: number;
  /** When everybody is sampled, if all came at once and the stations never stood still. */
  doneAt: Date;
  /** Stations that are needed to be done in time. */
  stationsNeeded: number;
  /** False: some would not be sampled tonight. */
  enough: boolean;
};

/**
 * What a number of stations will manage, said before it is opened.
 * @param perHour swabs of one station per hour, 60–100
 */
export function sizing(plan: {
  people: number;
  stations: number;
  perHour: number;
  from: Date;
  until: Date;
}): Sizing {
  const hours = Math.max(0, (plan.until.getTime() - plan.from.getTime()) / 3_600_000);
  const perHour = plan.stations * plan.perHour;
  const managed = Math.min(plan.people, Math.floor(perHour * hours));
  return {
    sitesAtLeast: Math.max(1, Math.ceil(plan.people / peoplePerSite.most)),
    sitesAtMost: Math.max(1, Math.ceil(plan.people / peoplePerSite.fewest)),
    perHour,
    managed,
    doneAt: new Date(plan.from.getTime() + (plan.people / Math.max(1, perHour)) * 3_600_000),
    stationsNeeded: hours > 0 ? Math.ceil(plan.people / (plan.perHour * hours)) : 0,
    enough: managed >= plan.people,
  };
}

/**
 * A station's pace, swabs per hour: the gaps between its swabs while it had work, with the planned pace
 * weighing as much as {@link plannedWeight} swabs, so that the first few say little.
 * @param gapSeconds between one swab and the next, those over {@link longestGapSeconds} left out
 */
export function measuredPerHour(gapSeconds: readonly number[], plannedPerHour: number): number {
  const gaps = gapSeconds.filter((gap) => gap <= longestGapSeconds);
  const seconds = gaps.reduce((sum, gap) => sum + gap, 0);
  return (
    ((gaps.length + plannedWeight) * 3600) / (seconds + (plannedWeight * 3600) / plannedPerHour)
  );
}

export type Station = {
  readonly id: string;
  readonly number: number;
  readonly open: boolean;
  readonly priority: boolean;
  readonly queue: number;
  readonly queueLimit: number;
  readonly perHour: number;
};

/** How long somebody waits who comes as the last of so many, minutes. */
export function waitMinutes(people: number, perHour: number): number {
  return (people / perHour) * 60;
}

/** Whether people of this lane may go there: the priority lane is kept free for those whom it is for. */
function takes(station: Station, priority: boolean, stations: readonly Station[]): boolean {
  if (!station.open) return false;
  const lane = stations.some((one) => one.open && one.priority === priority);
  return !lane || station.priority === priority;
}

/**
 * Where a newcomer or a whole family goes: the shortest expected wait of the open stations of the lane that
 * have room for all of them; the lower number when two are equal. Null: into the hall. `app.surge_choose`
 * in the database says the same; a test compares.
 */
export function chooseStation(
  stations: readonly Station[],
  party: { size: number; priority: boolean },
  /** Stations that are none for this party; they count as part of the site all the same. */
  not: ReadonlySet<string> = new Set(),
): Station | null {
  let best: Station | null = null;
  let bestWait = Number.POSITIVE_INFINITY;
  for (const station of stations) {
    if (not.has(station.id) || !takes(station, party.priority, stations)) continue;
    if (station.queue + party.size > station.queueLimit) continue;
    const wait = (station.queue + party.size) / station.perHour;
    if (wait < bestWait || (wait === bestWait && station.number < best!.number)) {
      best = station;
      bestWait = wait;
    }
  }
  return best;
}

export type Waiting = {
  readonly id: string;
  readonly party: string;
  readonly number: number;
  readonly priority: boolean;
  readonly stationId: string | null;
  readonly called: boolean;
  readonly moves: number;
  /** Where somebody was sent away; nobody is sent back. */
  readonly cameFrom: string | null;
};
export type Move = {
  readonly party: string;
  readonly people: readonly string[];
  readonly from: string | null;
  readonly to: string;
  readonly savesMinutes: number;
};

/** The order before a table: the priority lane first, then as they came. */
export const inOrder = (left: Waiting, right: Waiting): number =>
  Number(right.priority) - Number(left.priority) || left.number - right.number;

/**
 * Who is sent elsewhere. First those without a table: from the hall, and from a station that closed. Then,
 * from the end of the longest queue, whoever is spared {@link leastSavingMinutes} – families whole, nobody
 * who was called, nobody for the third time, nobody back. Stations are of one site.
 */
export function rebalance(
  stationList: readonly Station[],
  people: readonly Waiting[],
  mostAtOnce = 400,
): Move[] {
  const stations = new Map(stationList.map((one) => [one.id, { ...one }]));
  const all = () => [...stations.values()];
  const parties = partiesOf(people);
  const moves: Move[] = [];
  const put = (party: Party, from: string | null, to: Station, savesMinutes: number) => {
    const source = from ? stations.get(from) : undefined;
    if (source) source.queue = Math.max(0, source.queue - party.people.length);
    stations.get(to.id)!.queue += party.people.length;
    moves.push({
      party: party.id,
      people: party.people.map((one) => one.id),
      from,
      to: to.id,
      savesMinutes: Math.round(savesMinutes),
    });
  };
  const homeless = parties
    .filter(({ stationId }) => stationId === null || !stations.get(stationId)?.open)
    .sort((left, right) => inOrder(left.people[0]!, right.people[0]!));
  for (const party of homeless) {
    if (moves.length >= mostAtOnce) return moves;
    const to = chooseStation(all(), { size: party.people.length, priority: party.priority });
    if (to) put(party, party.stationId, to, 0);
  }
  // The last of each queue last: taken from the end.
  const tails = new Map<string, Party[]>();
  for (const party of parties.sort((left, right) => inOrder(left.people[0]!, right.people[0]!))) {
    if (!party.stationId || !stations.get(party.stationId)?.open) continue;
    tails.set(party.stationId, [...(tails.get(party.stationId) ?? []), party]);
  }
  const settled = new Set<string>();
  while (moves.length < mostAtOnce) {
    const from = all()
      .filter((one) => one.open && !settled.has(one.id) && tails.has(one.id))
      .sort((left, right) => right.queue / right.perHour - left.queue / left.perHour)[0];
    if (!from) break;
    const tail = tails.get(from.id)!;
    const party = tail.at(-1);
    if (!party || party.called) {
      settled.add(from.id);
      continue;
    }
    tail.pop();
    if (party.moves >= mostMoves) continue;
    const size = party.people.length;
    const to = chooseStation(
      all(),
      { size, priority: party.priority },
      new Set([from.id, ...party.cameFrom]),
    );
    const saves = to
      ? waitMinutes(from.queue, from.perHour) - waitMinutes(to.queue + size, to.perHour)
      : 0;
    if (!to || saves < leastSavingMinutes) settled.add(from.id);
    else put(party, from.id, to, saves);
  }
  return moves;
}

type Party = {
  id: string;
  stationId: string | null;
  people: Waiting[];
  priority: boolean;
  called: boolean;
  moves: number;
  cameFrom: Set<string>;
};

/** Who stands together at the same place. One of a family in the priority lane takes all along. */
function partiesOf(people: readonly Waiting[]): Party[] {
  const found = new Map<string, Party>();
  for (const one of people) {
    const key = `${one.party} ${one.stationId ?? ""}`;
    const party = found.get(key) ?? {
      id: one.party,
      stationId: one.stationId,
      people: [],
      priority: false,
      called: false,
      moves: 0,
      cameFrom: new Set<string>(),
    };
    if (one.cameFrom) party.cameFrom.add(one.cameFrom);
    party.people.push(one);
    party.priority ||= one.priority;
    party.called ||= one.called;
    party.moves = Math.max(party.moves, one.moves);
    found.set(key, party);
  }
  for (const party of found.values()) party.people.sort(inOrder);
  return [...found.values()];
}

/**
 * When the last one is sampled: those who wait and those who are still to come, over the pace of the open
 * stations, and not before the last of the latter can have come. Null when nobody works.
 */
export function forecastEnd(site: {
  now: Date;
  waiting: number;
  toCome: number;
  perHour: number;
  /** Until when people are expected; counts only while somebody is to come. */
  until: Date;
}): Date | null {
  if (site.waiting + site.toCome === 0) return site.now;
  if (site.perHour <= 0) return null;
  const end = site.now.getTime() + ((site.waiting + site.toCome) / site.perHour) * 3_600_000;
  return new Date(site.toCome > 0 ? Math.max(end, site.until.getTime()) : end);
}
