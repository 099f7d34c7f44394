import type { Tone } from "../design/components/status.tsx";
import type { VisitLine } from "./queries.ts";

export const visitTone: Record<VisitLine["state"], Tone> = {
  "to-triage": "warn",
  ordinary: "quiet",
  fever: "warn",
  waiting: "info",
  seen: "info",
  sampled: "info",
  observation: "info",
  excluded: "good",
  "left-before-result": "warn",
  suspected: "bad",
  reported: "warn",
  "awaiting-transfer": "warn",
  "in-transfer": "info",
  "handed-over": "good",
  disinfected: "good",
  emergency: "bad",
};

const away = new Set<VisitLine["state"]>([
  "ordinary",
  "excluded",
  "left-before-result",
  "in-transfer",
  "handed-over",
  "disinfected",
  "emergency",
]);
export const isHere = ({ state }: Pick<VisitLine, "state">) => !away.has(state);

/** The clock that ends soonest; who has none stands where he came in. */
export function dueOf(visit: VisitLine): number {
  const clocks = [visit.reportDueAt, visit.repeatFrom, visit.resultDueAt].flatMap((at) =>
    at ? [Date.parse(at)] : [],
  );
  if (visit.alarm) return 0;
  return clocks.length > 0 ? Math.min(...clocks) : Date.parse(visit.arrivedAt) + 12 * 3_600_000;
}
