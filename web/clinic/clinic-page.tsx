import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { calendar, left, right } from "../design/icons.ts";
import { addWords, useLanguage, useText } from "../i18n/i18n.ts";
import { dayWords, isoDate } from "../i18n/time.ts";
import { isTyping } from "../workbench/queue.tsx";
import { ClinicRoom } from "./clinic-room.tsx";
import { type Schedule, useClinicDay } from "./queries.ts";
import { inWords } from "./words.ts";
import "./clinic.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/clinic/zh-CN"),
  bo: () => import("virtual:messages/clinic/bo"),
  en: () => import("virtual:messages/clinic/en"),
});

const dayMs = 24 * 60 * 60_000;
const noon = (day: string) => `${day}T12:00:00+08:00`;

/** Left the clinics of the day, in the middle the one at hand with its queue. */
export function ClinicPage({
  day = isoDate(Date.now()),
  id,
}: {
  day?: string | undefined;
  id?: string | undefined;
}) {
  const t = useText();
  const [, go] = useLocation();
  const clinics = useClinicDay(day);
  const schedules = clinics.data?.schedules ?? [];
  const chosen = schedules.find((one) => one.id === id) ?? null;
  const order = schedules.map((one) => one.id).join();
  useEffect(() => {
    const list = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (isTyping(event) || !step || list.length === 0) return;
      const at = id ? list.indexOf(id) : -1;
      go(`/clinic/${day}/${list[Math.min(list.length - 1, Math.max(0, at + step))]}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, id, day, go]);
  const shift = (days: number) => isoDate(Date.parse(noon(day)) + days * dayMs);
  const list = (
    <nav className="queue" aria-label={t("clinic.title")}>
      <header className="queue-head clinic-days">
        <Link
          href={`/clinic/${shift(-1)}`}
          className={buttonClass("quiet")}
          aria-label={t("clinic.dayBefore")}
        >
          <Icon path={left} />
        </Link>
        {chosen ? <h2>{dayWords(noon(day))}</h2> : <h1>{dayWords(noon(day))}</h1>}
        <Link
          href={`/clinic/${shift(1)}`}
          className={buttonClass("quiet")}
          aria-label={t("clinic.dayAfter")}
        >
          <Icon path={right} />
        </Link>
      </header>
      {clinics.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={clinics.error} retry={() => void clinics.refetch()} />
      {clinics.data?.schedules.length === 0 ? (
        <Empty icon={calendar} title={t("clinic.none")}>
          {t("clinic.noneHow")}
        </Empty>
      ) : null}
      <ul>
        {schedules.map((schedule) => (
          <li key={schedule.id}>
            <ClinicItem schedule={schedule} day={day} current={schedule.id === id} />
          </li>
        ))}
      </ul>
    </nav>
  );
  if (!chosen) {
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          {list}
        </main>
        <aside className="bench-main" aria-label={t("clinic.choose")}>
          <Empty icon={calendar} title={t("clinic.choose")}>
            {t("clinic.chooseHow")} <kbd>J</kbd> <kbd>K</kbd>
          </Empty>
        </aside>
      </div>
    );
  }
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue" aria-label={t("clinic.title")}>
        {list}
      </aside>
      <ClinicRoom key={chosen.id} schedule={chosen} day={day} />
    </div>
  );
}

function ClinicItem({
  schedule,
  day,
  current,
}: {
  schedule: Schedule;
  day: string;
  current: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  return (
    <Link
      href={`/clinic/${day}/${schedule.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
    >
      <span className="queue-top">
        {schedule.stopped ? (
          <Status tone="bad">{t("clinic.stopped")}</Status>
        ) : schedule.delayMinutes > 0 ? (
          <Status tone="warn">{t("clinic.late", { minutes: schedule.delayMinutes })}</Status>
        ) : (
          <Status tone={schedule.waiting > 0 ? "info" : "quiet"}>
            {t("clinic.waiting", { count: schedule.waiting })}
          </Status>
        )}
        <span className="muted small figure">
          {t("clinic.bookedOf", { booked: schedule.booked, seats: schedule.seats })}
        </span>
      </span>
      <span className="strong">
        {inWords(schedule.department, language)} ·{" "}
        {schedule.doctor?.name ?? inWords(schedule.name, language)}
      </span>
      <span className="muted small">{inWords(schedule.placeNames, language)}</span>
    </Link>
  );
}
