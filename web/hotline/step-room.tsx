import { useEffect, useRef } from "react";
import { asApiError } from "../api/client.ts";
import { useReleasePlace } from "../api/release-place.ts";
import { Card } from "../design/components/card.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { type Choice, Choices, useKey } from "./choices.tsx";
import type { CallView } from "./queries.ts";
import { BackHint } from "./step-place.tsx";

/**
 * The hour of release: the caller's place and time, to be said on the line. At the turn the seat is held by
 * itself; who does not want to stay on the line hangs up and is told.
 */
export function StepRoom({
  call,
  onHold,
  onAgain,
  onLeave,
  onBack,
  busy,
  error,
}: {
  call: CallView;
  onHold: () => void;
  /** The admission was not used in time: in at the end. */
  onAgain: () => void;
  onLeave: (anyTime: boolean) => void;
  onBack: () => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const now = useNow(1_000);
  const { placeId, roomId } = call.draft;
  const { place, error: unread } = useReleasePlace(
    placeId ?? undefined,
    roomId ?? undefined,
    false,
  );
  const tried = useRef("");
  const number = `${placeId}:${place?.number ?? ""}`;
  useKey("b", onBack);
  const free = unread ? asApiError(unread).code === "request.not-found" : false;
  const turn = free || place?.admitted === true || (place?.closed === true && !place.soldOut);
  useEffect(() => {
    // Once for each number: what was refused is not asked for over and over.
    if (!turn || busy || tried.current === number) return;
    tried.current = number;
    onHold();
  }, [turn, busy, number, onHold]);
  const late = error ? asApiError(error).code === "booking.waiting-room" : false;
  const before = place ? Date.parse(place.releaseAt) > now : false;
  const bySms = call.patient?.readsMessages && call.preference?.mode === "sms";
  const how = t(bySms ? "hotline.room.bySms" : "hotline.room.byCall");
  const ways: Choice[] = place?.soldOut
    ? [{ id: "other", label: t("hotline.room.otherTime") }]
    : late
      ? [
          { id: "again", label: t("hotline.room.again") },
          { id: "other", label: t("hotline.room.otherTime") },
        ]
      : [
          { id: "only", label: t("hotline.room.only"), hint: how },
          { id: "any", label: t("hotline.room.any"), hint: how },
        ];
  const choose = (id: string) =>
    id === "other" ? onBack() : id === "again" ? onAgain() : onLeave(id === "any");
  return (
    <Card strong title={t("hotline.room.title")} aside={<BackHint />}>
      {free ? null : <ProblemNotice error={unread} />}
      {place || free ? null : <Skeleton lines={3} />}
      {place?.soldOut ? (
        <Notice tone="warn" title={t("hotline.room.soldOut")}>
          {t("hotline.room.soldOutHow")}
        </Notice>
      ) : place ? (
        <div role="status" className="hotline-room">
          {before ? (
            <p>{t("hotline.room.opens", { time: clockTime(place.releaseAt) })}</p>
          ) : turn ? (
            <p className="hotline-room-word">{t("hotline.room.turn")}</p>
          ) : place.ahead === null ? (
            <p className="hotline-room-word">{t("hotline.room.drawing")}</p>
          ) : (
            <>
              <p className="hotline-room-word">
                {place.ahead === 0
                  ? t("hotline.room.next")
                  : t("hotline.room.ahead", { count: place.ahead })}
              </p>
              <p>
                {place.minutes === null || place.seatsLeft === 0
                  ? t("hotline.room.confirming")
                  : place.minutes === 0
                    ? t("hotline.room.soon")
                    : t("hotline.room.minutes", { minutes: place.minutes })}
              </p>
            </>
          )}
        </div>
      ) : null}
      {place?.soldOut ? null : (
        <>
          <p>{t("hotline.room.stay")}</p>
          <p className="muted small">{t("hotline.room.fair")}</p>
        </>
      )}
      <ProblemNotice error={error} />
      {place?.soldOut || late ? null : <h3 className="small">{t("hotline.room.leave")}</h3>}
      <Choices label={t("hotline.room.title")} busy={busy} options={ways} onChoose={choose} />
    </Card>
  );
}
