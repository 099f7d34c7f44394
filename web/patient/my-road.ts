import type { Road } from "../../server/referral/contract.ts";
import { useMine } from "./my-consults.ts";

export type RoadEpisode = Road["episodes"][number];
export type RoadReferral = RoadEpisode["referrals"][number];

/** My referrals, episode by episode; without a line what this phone has kept. */
export function useMyRoad() {
  return useMine<Road>("road", "/api/me/road");
}

const over = new Set<RoadReferral["state"]>([
  "returned",
  "redirected",
  "converted",
  "advised",
  "closed",
  "expired",
  "cancelled",
]);
const inHouse = new Set<RoadReferral["state"]>(["arrived", "admitted", "ready-for-down"]);

export const isOver = (one: RoadReferral): boolean => over.has(one.state);

/**
 * The referral that says where somebody is now: whoever lies in a hospital is there, whatever is asked
 * of the next house meanwhile; else the newest that is open, else the last one.
 */
export function leadingOf(episode: RoadEpisode): RoadReferral | null {
  const open = episode.referrals.filter((one) => !over.has(one.state));
  const newest = open.at(-1);
  if (!newest) return episode.referrals.at(-1) ?? null;
  const here = open.findLast((one) => one.direction === "up" && inHouse.has(one.state));
  return here && newest.direction === "down" && newest.state !== "sent-down" ? here : newest;
}

/** Something on this road still waits for somebody, or is to be decided by the patient. */
export function isOpen(episode: RoadEpisode): boolean {
  return (
    episode.state === "active" &&
    (episode.referrals.some((one) => !over.has(one.state)) ||
      episode.followUps.some((one) => one.state === "planned" || one.state === "missed"))
  );
}

/** A recipient waits for a yes or no that was not given yet. */
export function needsAnswer(episode: RoadEpisode): boolean {
  return episode.referrals.some((one) => one.actions.includes("agree") && !one.declined);
}

const dayMs = 86_400_000;
/** How long the end of a referral is news on home. */
const newsDays = 3;

/** Ended a short while ago, without anything open after it. */
export function endedLately(episode: RoadEpisode, now = Date.now()): boolean {
  const last = lastStepAt(episode);
  return !isOpen(episode) && last !== null && now - Date.parse(last) < newsDays * dayMs;
}

export function lastStepAt(episode: RoadEpisode): string | null {
  return (
    episode.referrals
      .flatMap((one) => one.steps.map((step) => step.at))
      .toSorted()
      .at(-1) ?? null
  );
}

/** What needs this person first, then what moved last. */
export function inOrder(episodes: readonly RoadEpisode[]): RoadEpisode[] {
  const weight = (episode: RoadEpisode) => (needsAnswer(episode) ? 0 : isOpen(episode) ? 1 : 2);
  return episodes.toSorted(
    (left, right) =>
      weight(left) - weight(right) ||
      (lastStepAt(right) ?? right.openedAt).localeCompare(lastStepAt(left) ?? left.openedAt),
  );
}
