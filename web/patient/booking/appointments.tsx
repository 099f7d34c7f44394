import { Link, useSearch } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, right } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime, shortTime } from "../../i18n/time.ts";
import { type AppointmentView, coming, past, useMyAppointments } from "../my-appointments.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { plus } from "./icons.ts";
import { StateBadge } from "./state.tsx";
import { WaitlistRows } from "./waitlist-rows.tsx";
import { Name, nameIn, personName, placeIn, timeRange, useDayWords } from "./words.tsx";

const shownPast = 10;

/** All that I have booked: to come, waited for, over. */
export function Appointments() {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const done = new URLSearchParams(useSearch()).get("done");
  const mine = useMyAppointments();
  const dayWords = useDayWords();
  const offers = new Set(mine.data?.waitlist.map(({ appointmentId }) => appointmentId));
  const next = coming(mine.data?.appointments ?? []).filter(({ id }) => !offers.has(id));
  const before = past(mine.data?.appointments ?? []).slice(0, shownPast);
  const waits = (mine.data?.waitlist ?? []).filter(
    ({ state }) => state === "waitlisted" || state === "offered",
  );
  const nothing = mine.data && next.length + before.length + waits.length === 0;
  return (
    <main id="main" className="phone-page">
      <h1>{t("patient.booking.listTitle")}</h1>
      {elder && next.length > 0 ? (
        <ReadAloud
          text={next
            .map(
              (one) =>
                `${dayWords(one.startsAt)} ${timeRange(one.startsAt, one.endsAt)}, ${nameIn(one.department.name, language)}, ${placeIn(one, language)}`,
            )
            .join(". ")}
        />
      ) : null}
      {done === "waiting" ? (
        <Notice tone="good" title={t("patient.booking.waitlistDone")}>
          {t("patient.booking.waitlistDoneHow")}
        </Notice>
      ) : null}
      {mine.isPending ? <Skeleton lines={5} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data?.keptAt ? (
        <Notice
          tone="warn"
          live={false}
          title={t("patient.offline.keptAt", { time: dayTime(mine.data.keptAt) })}
        >
          {t("patient.booking.staleHow")}
        </Notice>
      ) : null}
      {nothing ? (
        <Empty icon={calendar} title={t("patient.booking.listEmpty")}>
          {t("patient.booking.listEmptyHow")}
        </Empty>
      ) : null}
      {waits.length > 0 ? <WaitlistRows entries={waits} /> : null}
      {next.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.booking.coming")}</h2>
          <Rows appointments={next} />
        </section>
      ) : null}
      {mine.data ? (
        <Link
          href="/book"
          className={buttonClass(next.length > 0 ? "soft" : "primary", {
            wide: true,
            size: "large",
          })}
        >
          <Icon path={plus} />
          <span>{t("patient.booking.begin")}</span>
        </Link>
      ) : null}
      {before.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.booking.past")}</h2>
          <Rows appointments={before} />
        </section>
      ) : null}
    </main>
  );
}

function Rows({ appointments }: { appointments: readonly AppointmentView[] }) {
  const t = useText();
  const language = useLanguage();
  const dayWords = useDayWords();
  return (
    <ul className="list">
      {appointments.map((one) => (
        <li key={one.id}>
          <Link
            href={one.state === "held" ? `/book/check/${one.id}` : `/appointments/${one.id}`}
            className="list-row"
          >
            <span className="grow">
              <span className="strong figure">
                {dayWords(one.startsAt)} {timeRange(one.startsAt, one.endsAt)}
              </span>
              <span className="row-line">
                <Name of={one.department.name} />
                {one.doctor ? <span lang="zh-CN"> · {one.doctor.name}</span> : null}
              </span>
              <span className="muted small row-line">
                <Name of={one.institution.name} /> · {personName(one.patient, language)}
              </span>
              <span className="row row-line">
                <StateBadge appointment={one} />
                {one.queue && !one.queue.called ? (
                  <span className="small strong good-text">
                    {t("patient.booking.ahead", { count: one.queue.ahead })}
                  </span>
                ) : null}
                {one.state === "held" && one.heldUntil ? (
                  <span className="small">
                    {t("patient.booking.confirmBy", { time: shortTime(one.heldUntil) })}
                  </span>
                ) : null}
              </span>
            </span>
            <Icon path={right} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
