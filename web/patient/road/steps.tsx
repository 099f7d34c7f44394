import { usePreferences } from "../../design/preferences.ts";
import { type MessageId, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { dayTime } from "../../i18n/time.ts";
import type { RoadEpisode } from "../my-road.ts";
import { valuesOf } from "./words.ts";

/** Steps that say something to a patient; what is only written down for staff is left out. */
const told = [
  "askPatient",
  "agree",
  "decline",
  "withdraw",
  "submit",
  "askMore",
  "answerMore",
  "escalate",
  "accept",
  "return",
  "handBack",
  "redirect",
  "convert",
  "advise",
  "book",
  "loseSeat",
  "setOff",
  "arrive",
  "markNoShow",
  "admit",
  "readyForDown",
  "keep",
  "discharge",
  "takeOn",
  "askCancel",
  "confirmCancel",
  "refuseCancel",
  "cancel",
  "conclude",
  "expire",
  "unanswered",
] as const;
type Told = (typeof told)[number];
const isTold = (action: string): action is Told => told.includes(action as Told);

/** What the database did along with another step is that other step to the patient. */
const followed = new Set(["takeOn", "conclude"]);

/** What was, newest first: a quiet line. In large type it stays folded until it is wanted. */
export function Steps({ episode }: { episode: RoadEpisode }) {
  const t = useText();
  const nameOf = useNameOf();
  const { elder } = usePreferences();
  const hasWayHome = episode.referrals.some((one) => one.direction === "down");
  const steps = episode.referrals
    .flatMap((referral) =>
      referral.steps.map((step, position) => ({
        ...step,
        key: `${referral.id}:${position}`,
        values: valuesOf(episode, referral, nameOf),
        doubled: referral.direction === "up" && hasWayHome && followed.has(step.action),
      })),
    )
    .filter((step) => isTold(step.action) && !step.doubled)
    // Of two at the same moment the later one stands first as well.
    .reverse()
    .toSorted((left, right) => right.at.localeCompare(left.at));
  if (steps.length === 0) return null;
  const list = (
    <ol className="road-steps">
      {steps.map((step) => (
        <li key={step.key}>
          <span>{t(`patient.road.step.${step.action}` as MessageId, step.values)}</span>
          <time className="muted small" dateTime={step.at}>
            {dayTime(step.at)}
          </time>
        </li>
      ))}
    </ol>
  );
  return elder ? (
    <details className="road-earlier">
      <summary>{t("patient.road.stepsTitle")}</summary>
      {list}
    </details>
  ) : (
    <section>
      <h2 className="section-title">{t("patient.road.stepsTitle")}</h2>
      {list}
    </section>
  );
}
