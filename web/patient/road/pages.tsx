import { useEffect } from "react";
import { Link } from "wouter";
import { keepPage } from "../../api/keep-page.ts";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { left, offline } from "../../design/icons.ts";
import { arrow } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { inOrder, isOpen, useMyRoad } from "../my-road.ts";
import { EpisodeRoad } from "./episode.tsx";
import "./road.css";

/** The whole way of each referral on one page: where I am, what comes next, whom to call, what to bring. */
export function RoadPages({ session }: { session: PatientView | null }) {
  const t = useText();
  const mine = useMyRoad();
  const episodes = inOrder(mine.data?.episodes ?? []);
  const open = episodes.filter(isOpen);
  const shown = open.length > 0 ? open : episodes.slice(0, 1);
  const earlier = episodes.filter((one) => !shown.includes(one));
  const several = new Set(episodes.map((one) => one.patient.id)).size > 1;
  const read = mine.isSuccess;
  useEffect(() => {
    // What one looks up on the road is looked up where the line is thin.
    if (read) void keepPage();
  }, [read]);
  const part = (episode: (typeof episodes)[number]) => (
    <EpisodeRoad
      key={episode.id}
      episode={episode}
      session={session}
      several={several}
      readOnly={mine.data?.keptAt !== null}
    />
  );
  return (
    <main id="main" className="phone-page road-page">
      <Link href="/" className={buttonClass("quiet", { className: "no-print align-start" })}>
        <Icon path={left} />
        <span>{t("patient.road.home")}</span>
      </Link>
      {several ? null : <h1 className="road-title">{t("patient.road.title")}</h1>}
      {mine.isPending ? <Skeleton lines={8} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data?.keptAt ? (
        <Notice tone="warn" icon={offline} live={false}>
          {t("patient.road.kept", { time: dayTime(mine.data.keptAt) })}
        </Notice>
      ) : null}
      {mine.data && episodes.length === 0 ? (
        <Empty icon={arrow} title={t("patient.road.empty")}>
          {t("patient.road.emptyHow")}
        </Empty>
      ) : null}
      {shown.map(part)}
      {earlier.length > 0 ? (
        <details className="road-earlier">
          <summary>{t("patient.road.earlier")}</summary>
          <div className="stack">{earlier.map(part)}</div>
        </details>
      ) : null}
    </main>
  );
}
