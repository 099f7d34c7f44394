import { Link } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, left } from "../../design/icons.ts";
import { addWords, useText } from "../../i18n/i18n.ts";
import { NewSchedule } from "./new-schedule.tsx";
import { Policies } from "./policies.tsx";
import { useOverview } from "./queries.ts";
import { ScheduleList } from "./schedule-list.tsx";
import { SchedulePage } from "./schedule-page.tsx";
import "./schedules.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/schedules/zh-CN"),
  bo: () => import("virtual:messages/schedules/bo"),
  en: () => import("virtual:messages/schedules/en"),
});

/** Left every clinic of the institution, right the one at hand: its week, its days off, what will be opened. */
export function SchedulesPage({ opened }: { opened: string | null }) {
  const t = useText();
  const overview = useOverview();
  const list = overview.data ? (
    <ScheduleList overview={overview.data} selected={opened} />
  ) : overview.isPending ? (
    <Skeleton lines={6} />
  ) : (
    <ProblemNotice error={overview.error} retry={() => void overview.refetch()} />
  );
  if (!opened) {
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          {list}
        </main>
        <aside className="bench-main" aria-label={t("schedules.choose.title")}>
          <Empty icon={calendar} title={t("schedules.choose.title")}>
            {t("schedules.choose.how")}
          </Empty>
        </aside>
      </div>
    );
  }
  const back = (
    <Link
      href="/schedules"
      className={buttonClass("quiet", { className: "only-narrow align-start" })}
    >
      <Icon path={left} /> <span>{t("workbench.back")}</span>
    </Link>
  );
  return (
    <div className="bench schedules" data-open="">
      <aside className="bench-queue" aria-label={t("schedules.title")}>
        {list}
      </aside>
      <main id="main" className="bench-main">
        {back}
        {overview.data ? (
          opened === "new" ? (
            <NewSchedule overview={overview.data} />
          ) : opened === "policies" ? (
            <Policies today={overview.data.today} />
          ) : (
            <SchedulePage key={opened} id={opened} daysAhead={overview.data.daysAhead} />
          )
        ) : null}
      </main>
    </div>
  );
}
