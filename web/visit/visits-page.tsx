import { Link } from "wouter";
import type { VisitSummary } from "../../server/visit/contract.ts";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { camera } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { useDuty, useQueue } from "./queries.ts";
import { OneVisit } from "./visit-page.tsx";
import "./visit.css";

export { wordsReady } from "./words.ts";

export const tones: Record<VisitSummary["state"], Tone> = {
  requested: "quiet",
  waiting: "info",
  called: "warn",
  "in-visit": "good",
  ended: "quiet",
  redirected: "quiet",
  cancelled: "quiet",
  missed: "quiet",
};

/** The doctor's video visits: who waits, by clock, and the one that is open. */
export function VisitsPage({ session, id }: { session: StaffView; id: string | null }) {
  const t = useText();
  // The room in its frame has a main part too.
  return (
    <main id="main" className="visits" aria-label={t("visit.title")}>
      {id ? <OneVisit key={id} id={id} personId={session.person.id} /> : <Queue />}
    </main>
  );
}

function Queue() {
  const t = useText();
  const queue = useQueue();
  const duty = useDuty();
  if (queue.isPending) return <Skeleton lines={6} />;
  if (!queue.data) return <ProblemNotice error={queue.error} retry={() => void queue.refetch()} />;
  const { visits } = queue.data;
  const open = visits.filter((one) => ["waiting", "called", "in-visit"].includes(one.state));
  const over = visits.filter(
    (one) => !["requested", ...open.map((each) => each.state)].includes(one.state),
  );
  return (
    <>
      <header className="row spread wrap">
        <h1>{t("visit.title")}</h1>
        <div className="row wrap">
          {queue.data.duty ? (
            <Status tone="good">
              {t("visit.dutyUntil", { time: clockTime(queue.data.duty.until) })}
            </Status>
          ) : (
            <Status tone="quiet">{t("visit.dutyOff")}</Status>
          )}
          <Button
            look={queue.data.duty ? "soft" : "primary"}
            busy={duty.isPending}
            onClick={() => duty.mutate({ open: !queue.data.duty })}
          >
            {queue.data.duty ? t("visit.dutyClose") : t("visit.dutyOpen")}
          </Button>
        </div>
      </header>
      <ProblemNotice error={duty.error} />
      <Card title={t("visit.queue")}>
        {open.length === 0 ? (
          <Empty icon={camera} title={t("visit.empty")}>
            {t("visit.emptyHow")}
          </Empty>
        ) : (
          <Rows rows={open} />
        )}
      </Card>
      {over.length > 0 ? (
        <Card title={t("visit.over")}>
          <Rows rows={over} />
        </Card>
      ) : null}
    </>
  );
}

function Rows({ rows }: { rows: readonly VisitSummary[] }) {
  const t = useText();
  return (
    <ul className="visit-rows">
      {rows.map((one) => (
        <li key={one.id} className="row spread wrap">
          <Link href={`/visits/${one.id}`} className="link">
            <strong>{one.patient.name}</strong>{" "}
            {one.patient.ageMonths === null
              ? ""
              : t("visit.age", { years: Math.floor(one.patient.ageMonths / 12) })}{" "}
            · {one.condition.text}
          </Link>
          <span className="row wrap">
            {one.evidenceFrom === "none" ? (
              <Status tone="warn">{t("visit.evidence.none")}</Status>
            ) : null}
            <Status tone={tones[one.state]}>{t(`visit.state.${one.state}`)}</Status>
            {one.dueAt ? <Countdown dueAt={one.dueAt} lead={t("visit.due")} /> : null}
            {one.endedAt ? <span className="muted small">{dayTime(one.endedAt)}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
