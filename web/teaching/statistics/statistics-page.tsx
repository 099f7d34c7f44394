import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { Statistics } from "../../../server/teaching/statistics-service.ts";
import { api } from "../../api/client.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { download, poll } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { isoDate } from "../../i18n/time.ts";
import "./statistics.css";

export { wordsReady } from "./words.ts";

const periods = ["30", "90", "365"] as const;
const kinds = ["session", "series", "institution"] as const;
const dayMs = 86_400_000;

/** What the own house taught: how many came, how long they stayed, what they knew, where the line was thin. */
export function StatisticsPage() {
  const t = useText();
  const [days, setDays] = useState<(typeof periods)[number]>("90");
  const [by, setBy] = useState<(typeof kinds)[number]>("session");
  const [now] = useState(Date.now);
  const query = new URLSearchParams({
    from: isoDate(now - Number(days) * dayMs),
    until: isoDate(now),
    by,
  }).toString();
  const found = useQuery({
    queryKey: ["teaching", "statistics", query],
    queryFn: ({ signal }) => api.get<Statistics>(`/api/teaching/statistics?${query}`, signal),
  });
  const rows = found.data?.rows ?? [];
  const percent = (part: number | null) => (part === null ? "–" : `${Math.round(part * 100)}%`);
  const hours = (minutes: number) => Math.round(minutes / 6) / 10;
  const total = (one: "sessions" | "people" | "minutes" | "credits") =>
    rows.reduce((sum, row) => sum + row[one], 0);
  return (
    <main id="main" className="statistics stack">
      <header className="row spread">
        <h1>{t("teachingStatistics.title")}</h1>
        <Link className={buttonClass("quiet")} href="/teaching/house">
          {t("teachingStatistics.house")}
        </Link>
        <a
          className={buttonClass("plain")}
          href={`/api/teaching/statistics.csv?${query}`}
          download="teaching.csv"
        >
          <Icon path={download} />
          <span>{t("teachingStatistics.save")}</span>
        </a>
      </header>
      <div className="row">
        <Segmented
          label={t("teachingStatistics.period")}
          hideLabel
          value={days}
          onChange={setDays}
          options={periods.map((value) => ({
            value,
            label: t("teachingStatistics.days", { count: Number(value) }),
          }))}
        />
        <Segmented
          label={t("teachingStatistics.by")}
          hideLabel
          value={by}
          onChange={setBy}
          options={kinds.map((value) => ({ value, label: t(`teachingStatistics.by.${value}`) }))}
        />
      </div>
      {found.isError ? (
        <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Skeleton lines={5} />
      ) : rows.length === 0 ? (
        <Empty icon={poll} title={t("teachingStatistics.none")}>
          {t("teachingStatistics.noneHow")}
        </Empty>
      ) : (
        <>
          <dl className="statistics-figures">
            {by === "institution" ? null : (
              <div>
                <dt>{t("teachingStatistics.sessions")}</dt>
                <dd className="figure">{total("sessions")}</dd>
              </div>
            )}
            <div>
              <dt>{t("teachingStatistics.people")}</dt>
              <dd className="figure">{total("people")}</dd>
            </div>
            <div>
              <dt>{t("teachingStatistics.hours")}</dt>
              <dd className="figure">{hours(total("minutes"))}</dd>
            </div>
            <div>
              <dt>{t("teachingStatistics.credits")}</dt>
              <dd className="figure">{total("credits")}</dd>
            </div>
          </dl>
          <section
            className="statistics-table"
            aria-label={t("teachingStatistics.title")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls has to be reached by keyboard
            tabIndex={0}
          >
            <table>
              <thead>
                <tr>
                  <th scope="col">{t(`teachingStatistics.by.${by}`)}</th>
                  <th scope="col">{t("teachingStatistics.sites")}</th>
                  <th scope="col">{t("teachingStatistics.people")}</th>
                  <th scope="col">{t("teachingStatistics.hours")}</th>
                  <th scope="col">{t("teachingStatistics.quiz")}</th>
                  <th scope="col">{t("teachingStatistics.thin")}</th>
                  <th scope="col">{t("teachingStatistics.credits")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id ?? row.name}>
                    <th scope="row">{row.name || t("teachingStatistics.noSeries")}</th>
                    <td className="figure">{row.sites}</td>
                    <td className="figure">{row.people}</td>
                    <td className="figure">{hours(row.minutes)}</td>
                    <td className="figure">{percent(row.quiz)}</td>
                    <td className="figure">{percent(row.thinShare)}</td>
                    <td className="figure">{row.credits}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <p className="muted small">{t("teachingStatistics.thinWhat")}</p>
        </>
      )}
    </main>
  );
}
