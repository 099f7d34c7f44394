import { useEffect, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { asApiError } from "../../api/client.ts";
import { useOnline } from "../../api/live.ts";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { useNow } from "../../design/components/countdown.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { clock } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime } from "../../i18n/time.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { relationTo } from "./choices.ts";
import { StepHead } from "./step-head.tsx";
import { useWaitingPlace } from "./waiting-place.ts";
import { timeRange, useDayWords } from "./words.tsx";
import { useHold } from "./writes.ts";

/** The address of a waiting room: which time, for whom, and where to go on when it cannot be had. */
export function waitingRoomOf(
  segment: { id: string; startsAt: string; endsAt: string },
  patientId: string,
  back: string,
): string {
  const { startsAt, endsAt } = segment;
  return `/book/wait/${segment.id}?${new URLSearchParams({ patient: patientId, startsAt, endsAt, back })}`;
}

/** The hour of release: one place a person, who is told how many are ahead and goes on by itself. */
export function WaitingRoom({
  segmentId,
  session,
}: {
  segmentId: string;
  session: PatientView | null;
}) {
  const t = useText();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const patientId = search.get("patient") ?? "";
  const back = /^\/book\/[^/]/.test(search.get("back") ?? "") ? search.get("back")! : "/book";
  const startsAt = search.get("startsAt");
  const endsAt = search.get("endsAt");
  const dayWords = useDayWords();
  const { place, error, again } = useWaitingPlace(segmentId, patientId);
  const tried = useRef(false);
  const hold = useHold((appointment) => go(`/book/check/${appointment.id}`, { replace: true }));
  const free = error ? asApiError(error).code === "booking.no-waiting-room" : false;
  const turn = free || place?.admitted === true || (place?.closed === true && !place.soldOut);
  const { mutate } = hold;
  useEffect(() => {
    if (!turn || tried.current) return;
    tried.current = true;
    mutate({ segmentId, patientId, relation: relationTo(session, patientId) });
  }, [turn, mutate, segmentId, patientId, session]);
  const late = hold.error && asApiError(hold.error).code === "booking.waiting-room";
  const gone = hold.error && asApiError(hold.error).code === "booking.full";
  return (
    <main id="main" className="phone-page">
      <StepHead
        step={2}
        title={t("patient.booking.release.title")}
        back={{ href: back, label: t("patient.booking.otherTime") }}
      >
        {startsAt && endsAt ? (
          <p className="muted">
            {dayWords(startsAt)} {timeRange(startsAt, endsAt)}
          </p>
        ) : null}
      </StepHead>
      {error && !free ? <ProblemNotice error={error} retry={again} /> : null}
      {hold.error ? (
        <>
          <ProblemNotice error={hold.error} />
          {late ? (
            <button
              type="button"
              className={buttonClass("primary", { wide: true, size: "large" })}
              onClick={() => {
                tried.current = false;
                hold.reset();
                void again();
              }}
            >
              {t("patient.booking.release.again")}
            </button>
          ) : null}
          {gone ? (
            // The admission still counts: any other time of the day may be taken.
            <Link href={back} className={buttonClass("primary", { wide: true, size: "large" })}>
              {t("patient.booking.release.otherOfDay")}
            </Link>
          ) : null}
        </>
      ) : place?.soldOut ? (
        <Notice tone="info" title={t("patient.booking.release.soldOut")}>
          <p>{t("patient.booking.release.soldOutHow")}</p>
          <Link href={back} className={buttonClass("primary", { wide: true })}>
            {t("patient.booking.release.toWaitlist")}
          </Link>
        </Notice>
      ) : place ? (
        <Waiting place={place} turn={turn} />
      ) : error ? null : (
        <Skeleton lines={5} />
      )}
    </main>
  );
}

type Place = NonNullable<ReturnType<typeof useWaitingPlace>["place"]>;

function Waiting({ place, turn }: { place: Place; turn: boolean }) {
  const t = useText();
  const { elder } = usePreferences();
  const online = useOnline();
  const now = useNow(1_000);
  const before = Date.parse(place.releaseAt) > now;
  const words = before
    ? t("patient.booking.release.opens")
    : turn
      ? t("patient.booking.release.turn")
      : place.ahead === null
        ? t("patient.booking.release.drawing")
        : place.minutes === null || place.seatsLeft === 0
          ? t("patient.booking.release.confirming")
          : t("patient.booking.release.minutes", { minutes: place.minutes });
  const rules = [
    t("patient.booking.release.fair"),
    t("patient.booking.release.kept"),
    t("patient.booking.release.itself"),
  ];
  return (
    <>
      <div className="queue" aria-live="polite">
        {place.ahead !== null && !before && !turn ? (
          <p className="queue-line">
            {place.ahead === 0 ? (
              <strong className="queue-word">{t("patient.booking.youAreNext")}</strong>
            ) : (
              <>
                <span>{t("patient.booking.aheadBefore")}</span>{" "}
                <strong className="queue-number">{place.ahead}</strong>{" "}
                <span>{t("patient.booking.aheadAfter", { count: place.ahead })}</span>
              </>
            )}
          </p>
        ) : null}
        {before ? <p className="queue-time figure">{clockTime(place.releaseAt)}</p> : null}
        <p className="next-say">
          <Icon path={clock} />
          <span>{words}</span>
        </p>
        {online ? null : <p className="warn-text strong">{t("patient.booking.release.offline")}</p>}
      </div>
      {elder ? <ReadAloud text={[words, ...rules].join(" ")} /> : null}
      <ul className="stack stack-2">
        {rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
    </>
  );
}
