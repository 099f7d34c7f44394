import { Link } from "wouter";
import type { ManageOverview, ScheduleView } from "../../../server/booking/schedule-contract.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Status } from "../../design/components/status.tsx";
import { calendar } from "../../design/icons.ts";
import { plus } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { inWords } from "./words.ts";

/** Clinics by department; what is not open far enough says so. */
export function ScheduleList({
  overview,
  selected,
}: {
  overview: ManageOverview;
  selected: string | null;
}) {
  const t = useText();
  return (
    <div className="queue">
      <div className="queue-head">
        <h1>{t("schedules.title")}</h1>
        <span className="muted small">
          {t("schedules.count", { count: overview.schedules.length })}
        </span>
      </div>
      <div className="queue-new row">
        <Link href="/schedules/new" className={buttonClass("soft")}>
          <Icon path={plus} /> <span>{t("schedules.new.action")}</span>
        </Link>
        <Link
          href="/schedules/policies"
          className={buttonClass("plain")}
          aria-current={selected === "policies" ? "page" : undefined}
        >
          {t("schedules.policy.title")}
        </Link>
      </div>
      {overview.schedules.length === 0 ? (
        <Empty icon={calendar} title={t("schedules.none.title")}>
          {t("schedules.none.how")}
        </Empty>
      ) : null}
      <ul>
        {overview.schedules.map((one) => (
          <li key={one.id}>
            <Item schedule={one} selected={one.id === selected} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Item({ schedule, selected }: { schedule: ScheduleView; selected: boolean }) {
  const t = useText();
  const language = useLanguage();
  const state = !schedule.active ? "off" : schedule.openUntil ? "open" : "empty";
  return (
    <Link
      href={`/schedules/${schedule.id}`}
      className="queue-item"
      aria-current={selected ? "page" : undefined}
    >
      <span className="queue-top">
        <span className="strong">
          {inWords(schedule.department.name, language)} · {inWords(schedule.name, language)}
        </span>
        {state === "open" ? null : (
          <Status tone={state === "off" ? "quiet" : "warn"}>{t(`schedules.state.${state}`)}</Status>
        )}
      </span>
      <span className="queue-line small">
        {[schedule.doctor?.name, schedule.place].filter(Boolean).join(" · ")}
      </span>
      {schedule.openUntil ? (
        <span className="small muted figure">
          {t("schedules.openUntil", { day: schedule.openUntil })} ·{" "}
          {t("schedules.taken", { taken: schedule.taken, seats: schedule.seats })}
        </span>
      ) : null}
    </Link>
  );
}
