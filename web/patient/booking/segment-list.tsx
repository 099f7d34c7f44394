import { useNow } from "../../design/components/countdown.tsx";
import { Status } from "../../design/components/status.tsx";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import type { Schedule, Segment } from "./queries.ts";
import { doctorWords, Name, placeIn, timeRange, useFee } from "./words.tsx";

/** How full a time is, from what is left of it: a help to choose, nothing that deters. */
function fullness({ left, capacity }: Segment): "busy" | "quiet" | null {
  const share = left / capacity;
  return share <= 1 / 3 ? "busy" : share >= 2 / 3 ? "quiet" : null;
}

/** One clinic's times of a day. A press on a time takes it; the next page asks once more. */
export function SegmentList({
  schedule,
  best,
  busyId,
  onTake,
}: {
  schedule: Schedule;
  /** The one that the button below takes. */
  best: string | null;
  /** The one that is being taken. */
  busyId: string | null;
  onTake: (segment: Segment) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const fee = useFee();
  const shown = schedule.segments.filter(({ state }) => state !== "over");
  const halves = [
    ["morning", shown.filter(({ startsAt }) => clockTime(startsAt) < "12:00")],
    ["afternoon", shown.filter(({ startsAt }) => clockTime(startsAt) >= "12:00")],
  ] as const;
  const about = [
    schedule.doctor ? doctorWords(schedule.doctor, language) : null,
    placeIn(schedule, language),
    elder ? null : fee(schedule.feeCents, true),
  ].filter(Boolean);
  return (
    <section className="clinic">
      <header className="clinic-head">
        <h2>
          <Name of={schedule.name} />
        </h2>
        <p className="muted small">{about.join(" · ")}</p>
      </header>
      {shown.length === 0 ? (
        <p className="muted clinic-none">{t("patient.booking.allOver")}</p>
      ) : null}
      {halves.map(([half, segments]) =>
        segments.length === 0 ? null : (
          <div key={half}>
            <h3 className="half">{t(`patient.booking.${half}`)}</h3>
            <ul className="slots">
              {segments.map((segment) => (
                <li key={segment.id}>
                  <Slot
                    segment={segment}
                    isBest={segment.id === best}
                    busy={segment.id === busyId}
                    onTake={onTake}
                  />
                </li>
              ))}
            </ul>
          </div>
        ),
      )}
    </section>
  );
}

function Slot({
  segment,
  isBest,
  busy,
  onTake,
}: {
  segment: Segment;
  isBest: boolean;
  busy: boolean;
  onTake: (segment: Segment) => void;
}) {
  const t = useText();
  const { elder } = usePreferences();
  const time = <span className="slot-time">{timeRange(segment.startsAt, segment.endsAt)}</span>;
  const now = useNow(10_000);
  if (segment.state === "not-released" && segment.waitFrom && Date.parse(segment.waitFrom) <= now) {
    return (
      <button type="button" className="slot" onClick={() => onTake(segment)}>
        {time}{" "}
        <span className="slot-words">
          <span>
            {t("patient.booking.releaseAt", {
              time: dayTime(segment.releaseAt ?? segment.waitFrom),
            })}
          </span>{" "}
          <span className="strong">{t("patient.booking.release.enter")}</span>
        </span>
      </button>
    );
  }
  if (segment.state !== "free") {
    return (
      <div className="slot slot-gone">
        {time}
        <span className="slot-words">
          {segment.state === "not-released" && segment.releaseAt
            ? t("patient.booking.releaseAt", { time: dayTime(segment.releaseAt) })
            : t(`patient.booking.slot.${segment.state}`)}
        </span>
      </div>
    );
  }
  const full = fullness(segment);
  return (
    <button
      type="button"
      className={`slot${isBest ? " slot-best" : ""}`}
      aria-busy={busy || undefined}
      onClick={() => onTake(segment)}
    >
      {time}{" "}
      <span className="slot-words">
        <span>{t("patient.booking.left", { count: segment.left })}</span>{" "}
        {segment.expectedWaitMinutes > 0 ? (
          <span>{t("patient.booking.wait", { minutes: segment.expectedWaitMinutes })}</span>
        ) : (
          <span>{t("patient.booking.noWait")}</span>
        )}
      </span>{" "}
      {full && !elder ? (
        <Status tone={full === "busy" ? "warn" : "good"} icon={null}>
          {t(`patient.booking.fullness.${full}`)}
        </Status>
      ) : null}
    </button>
  );
}
