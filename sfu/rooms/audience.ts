/**
 * The audience of a teaching room in figures: for the stage every 2 s, for the server by
 * institution. Pure. People are counted, not listed, and lists are bounded.
 */
import type { AudienceSite, AudienceSummary, LineWord, ListenWay } from "../protocol.ts";

/** More sound made up than this (parts of 1): words were missed. */
export const UNHEARD_PART = 0.1;
const MOST_WORST_SITES = 20;
/** Institutions in one report; the rest is summed up. */
const MOST_REPORTED_SITES = 500;

/** One listener, as far as figures need. */
export type ListenerFigures = {
  org: string;
  way: ListenWay;
  line: LineWord;
  /** Part of the sound of the last while that had to be made up. */
  concealed: number;
  lossDown: number;
  rttMs: number;
};

export type SiteQuality = AudienceSite & {
  org: string;
  /** Means over its people. */
  lossDown: number;
  rttMs: number;
  concealed: number;
};

/** What the stage is told, the institutions with the most trouble first. */
export function summarise(listeners: Iterable<ListenerFigures>): AudienceSummary {
  const ways = { full: 0, "slides-and-sound": 0, "sound-only": 0 };
  const lines = { good: 0, fair: 0, thin: 0, gone: 0 };
  let people = 0;
  let unheard = 0;
  const sites = sitesOf(listeners, (listener) => {
    people++;
    ways[listener.way]++;
    lines[listener.line]++;
    if (isUnheard(listener)) unheard++;
  });
  const worst = [...sites.values()]
    .filter((site) => troubleOf(site) > 0)
    .sort((a, b) => troubleOf(b) - troubleOf(a))
    .slice(0, MOST_WORST_SITES)
    .map(({ org, people, thin, gone, unheard }) => ({ org, people, thin, gone, unheard }));
  return { people, sites: sites.size, ways, lines, unheard, worst };
}

/** What the server is told: each institution's line; the smallest are only counted beyond a limit. */
export function qualityBySite(listeners: Iterable<ListenerFigures>): {
  sites: SiteQuality[];
  /** People whose institutions are not in the list. */
  others: number;
} {
  const all = [...sitesOf(listeners).values()].sort((a, b) => b.people - a.people);
  const sites = all.slice(0, MOST_REPORTED_SITES).map((site) => ({
    ...site,
    lossDown: round(site.lossDown / site.people),
    rttMs: Math.round(site.rttMs / site.people),
    concealed: round(site.concealed / site.people),
  }));
  const others = all.slice(MOST_REPORTED_SITES).reduce((sum, site) => sum + site.people, 0);
  return { sites, others };
}

function sitesOf(
  listeners: Iterable<ListenerFigures>,
  look: (listener: ListenerFigures) => void = () => {},
): Map<string, SiteQuality> {
  const sites = new Map<string, SiteQuality>();
  for (const listener of listeners) {
    look(listener);
    const { org, line } = listener;
    let site = sites.get(org);
    if (!site) {
      site = { org, people: 0, thin: 0, gone: 0, unheard: 0, lossDown: 0, rttMs: 0, concealed: 0 };
      sites.set(org, site);
    }
    site.people++;
    if (line === "thin") site.thin++;
    if (line === "gone") site.gone++;
    if (isUnheard(listener)) site.unheard++;
    site.lossDown += listener.lossDown;
    site.rttMs += listener.rttMs;
    site.concealed += listener.concealed;
  }
  return sites;
}

function isUnheard({ line, concealed }: ListenerFigures): boolean {
  return line !== "gone" && concealed > UNHEARD_PART;
}

/** Not to hear is worse than not to see. */
function troubleOf({ people, thin, gone, unheard }: AudienceSite): number {
  return (3 * unheard + 2 * gone + thin) / people;
}

function round(part: number): number {
  return Math.round(part * 10_000) / 10_000;
}
