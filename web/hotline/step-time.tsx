import { useEffect, useRef, useState } from "react";
import type { ServiceKind } from "../../server/booking/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayWords } from "../i18n/time.ts";
import { isTyping } from "../workbench/queue.tsx";
import { Choices, useKey } from "./choices.tsx";
import { useDays, useSegments } from "./queries.ts";
import { BackHint } from "./step-place.tsx";
import { inWords } from "./words.ts";

const noon = (day: string) => `${day}T12:00:00+08:00`;

/** When: the first free day is open; left and right change the day, a number takes the time. */
export function StepTime({
  departmentId,
  kind,
  day: initial,
  title,
  onSegment,
  onWait,
  waits = false,
  onBack,
  busy,
  error,
}: {
  departmentId: string;
  kind: ServiceKind;
  day: string | null;
  title: string;
  /** `released` is false for a time before its release, when a place in the line can be had already. */
  onSegment: (segmentId: string, day: string, released: boolean) => void;
  /** Whether a place in the line of a release may be taken here. */
  waits?: boolean;
  /** Nothing is free that day: wait for a seat that is given back. */
  onWait?: (scheduleId: string, day: string) => void;
  onBack: () => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const language = useLanguage();
  const strip = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<string | null>(initial);
  const days = useDays(departmentId, kind);
  const now = Date.now();
  // A day whose release begins within the hour is shown before it.
  const soon = (releaseAt: string | null) =>
    waits && releaseAt !== null && Date.parse(releaseAt) - now < 3_600_000;
  const open = (days.data?.days ?? []).filter(
    (one) =>
      one.state === "free" ||
      one.state === "full" ||
      (one.state === "not-released" && soon(one.releaseAt)),
  );
  const first = open.find((one) => one.state === "free") ?? open[0];
  const day = open.some((one) => one.day === chosen) ? chosen : (first?.day ?? null);
  const segments = useSegments(departmentId, kind, day);
  useKey("b", onBack);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || isTyping(event)) return;
      const at = open.findIndex((one) => one.day === day);
      const next = open[Math.min(open.length - 1, Math.max(0, at + step))];
      if (next) setChosen(next.day);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  useEffect(() => {
    strip.current
      ?.querySelector(`[data-day="${day}"]`)
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [day]);
  const schedules = segments.data?.schedules ?? [];
  const options = schedules.flatMap((schedule) =>
    schedule.segments
      .filter(
        (one) =>
          one.state === "free" ||
          (waits &&
            one.state === "not-released" &&
            one.waitFrom !== null &&
            Date.parse(one.waitFrom) <= now),
      )
      .map((segment) => ({ schedule, segment })),
  );
  const full = schedules.filter((one) => one.waitlist);
  return (
    <Card strong title={title} aside={<BackHint />}>
      {days.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={days.error ?? segments.error} retry={() => void days.refetch()} />
      {days.data && open.length === 0 ? <p>{t("hotline.time.none")}</p> : null}
      {/* biome-ignore lint/a11y/useSemanticElements: days of a strip, not fields of a form */}
      <div ref={strip} className="hotline-days" role="group" aria-label={t("hotline.time.days")}>
        {open.map((one) => (
          <button
            key={one.day}
            type="button"
            data-day={one.day}
            className="hotline-day"
            aria-pressed={one.day === day}
            onClick={() => setChosen(one.day)}
          >
            <span className="strong">{dayWords(noon(one.day))}</span>
            <span className="muted small">
              {one.state === "free"
                ? t("hotline.time.left", { count: one.left })
                : one.state === "full"
                  ? t("hotline.time.full")
                  : t("hotline.time.opens", { time: clockTime(one.releaseAt ?? "") })}
            </span>
          </button>
        ))}
      </div>
      {open.length > 1 ? (
        <p className="muted small">
          {t("hotline.time.change")} <kbd>←</kbd> <kbd>→</kbd>
        </p>
      ) : null}
      <ProblemNotice error={error} />
      {segments.isPending && day ? <Skeleton lines={3} /> : null}
      <Choices
        key={day}
        label={t("hotline.time.title")}
        busy={busy}
        options={options.map(({ schedule, segment }) => ({
          id: segment.id,
          label: `${clockTime(segment.startsAt)}–${clockTime(segment.endsAt)}`,
          hint: [
            schedule.doctor
              ? `${schedule.doctor.name} ${inWords(schedule.doctor.titles, language)}`
              : inWords(schedule.name, language),
            segment.state === "free"
              ? t("hotline.time.seats", { count: segment.left })
              : t("hotline.time.opens", { time: clockTime(segment.releaseAt ?? "") }),
            segment.expectedWaitMinutes > 0
              ? t("hotline.time.wait", { minutes: segment.expectedWaitMinutes })
              : null,
          ]
            .filter(Boolean)
            .join(" · "),
        }))}
        onChoose={(id) =>
          onSegment(
            id,
            day!,
            options.find(({ segment }) => segment.id === id)?.segment.state === "free",
          )
        }
      />
      {onWait && options.length === 0
        ? full.map((schedule) => (
            <Button key={schedule.id} busy={busy} onClick={() => onWait(schedule.id, day!)}>
              {t("hotline.time.waitlist", { name: inWords(schedule.name, language) })}
            </Button>
          ))
        : null}
    </Card>
  );
}
