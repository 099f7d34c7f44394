import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { calendar } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { addWords, useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { NewSite } from "./new-site.tsx";
import { Orders } from "./orders.tsx";
import {
  type Site,
  type Sites,
  type Station,
  useAddStations,
  useChangeStation,
  useSettle,
  useSites,
} from "./queries.ts";
import { SiteSchedule } from "./site-schedule.tsx";
import "./sites.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/sites/zh-CN"),
  bo: () => import("virtual:messages/sites/bo"),
  en: () => import("virtual:messages/sites/en"),
});

/** A lead's sites: how long the queue is, how fast each station works, who works where, what phones could not do. */
export function SitesPage() {
  const t = useText();
  const sites = useSites();
  const [making, setMaking] = useState(false);
  return (
    <main id="main" className="sites">
      <header className="row spread">
        <h1>{t("sites.title")}</h1>
        <Button look="soft" icon={plus} onClick={() => setMaking(!making)} aria-expanded={making}>
          {t("sites.new")}
        </Button>
      </header>
      {sites.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={sites.error} retry={() => void sites.refetch()} />
      {making && sites.data ? (
        <NewSite laboratories={sites.data.laboratories} onDone={() => setMaking(false)} />
      ) : null}
      {sites.data?.sites.length === 0 ? (
        <Empty icon={calendar} title={t("sites.none")}>
          {t("sites.noneHow")}
        </Empty>
      ) : null}
      {sites.data?.sites.map((site) => (
        <SiteCard
          key={site.id}
          site={site}
          samplers={sites.data.samplers}
          schedules={sites.data.schedules}
        />
      ))}
      {sites.data ? <Stock tubes={sites.data.tubes} /> : null}
      <Orders />
    </main>
  );
}

/** What is left to take swabs with; the code of the next tube can be scanned from here to try it out. */
function Stock({ tubes }: { tubes: Sites["tubes"] }) {
  const t = useText();
  return (
    <section className="site-card">
      <h2>{t("sites.stock")}</h2>
      <p className="muted">{t("sites.stockHow")}</p>
      <ul className="site-stock">
        {tubes.map((one) => (
          <li key={one.size}>
            <h3>{t("sites.pool", { size: one.size })}</h3>
            {one.next ? <Qr value={one.next} label={one.next} /> : null}
            <p className="figure">{one.next ?? "—"}</p>
            <p className="muted">{t("sites.stockLeft", { count: one.left })}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SiteCard({
  site,
  samplers,
  schedules,
}: {
  site: Site;
  samplers: Sites["samplers"];
  schedules: Sites["schedules"];
}) {
  const t = useText();
  const language = useLanguage();
  const add = useAddStations();
  const settle = useSettle();
  const name =
    (language === "en" ? site.name.en : language === "bo" ? site.name.bo : null) ?? site.name.zh;
  return (
    <section className="site-card" aria-label={name}>
      <header className="row spread">
        <div>
          <h2>{name}</h2>
          <p className="muted">
            {site.place} · {t(`sites.purpose.${site.purpose}`)} ·{" "}
            {t("sites.pool", { size: site.poolSize })}
          </p>
        </div>
        {site.tubesLate > 0 ? (
          <Status tone="bad">{t("sites.late", { count: site.tubesLate })}</Status>
        ) : null}
      </header>
      <SiteSchedule site={site} schedules={schedules} />
      <dl className="site-figures">
        <div>
          <dt>{t("sites.waiting")}</dt>
          <dd>{site.waiting}</dd>
        </div>
        <div>
          <dt>{t("sites.forecast")}</dt>
          <dd>
            {site.queueMinutes === null ? "—" : t("sites.minutes", { count: site.queueMinutes })}
          </dd>
        </div>
        <div>
          <dt>{t("sites.perHour")}</dt>
          <dd>{Math.round(site.perHour)}</dd>
        </div>
        <div>
          <dt>{t("sites.sampled")}</dt>
          <dd>{site.sampledToday}</dd>
        </div>
        <div>
          <dt>{t("sites.toCollect")}</dt>
          <dd>{site.tubesToCollect}</dd>
        </div>
      </dl>
      {site.waiting > 0 && site.queueMinutes === null ? (
        <Notice tone="warn" live={false} title={t("sites.nobodyWorks")} />
      ) : null}
      <div className="site-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("sites.station")}</th>
              <th scope="col">{t("sites.sampler")}</th>
              <th scope="col">{t("sites.state")}</th>
              <th scope="col">{t("sites.tube")}</th>
              <th scope="col" className="number">
                {t("sites.perHour")}
              </th>
              <th scope="col" className="number">
                {t("sites.sampled")}
              </th>
            </tr>
          </thead>
          <tbody>
            {site.stations.map((station) => (
              <StationRow key={station.id} station={station} samplers={samplers} siteId={site.id} />
            ))}
          </tbody>
        </table>
      </div>
      <Button look="quiet" icon={plus} onClick={() => add.mutate({ id: site.id, count: 1 })}>
        {t("sites.addStation")}
      </Button>
      <ProblemNotice error={add.error} />
      {site.conflicts.length > 0 ? (
        <section className="stack stack-2">
          <h3>{t("sites.conflicts", { count: site.conflicts.length })}</h3>
          <ul className="site-conflicts">
            {site.conflicts.map((one) => (
              <li key={one.id} className="row spread">
                <span>
                  <strong>{one.person ?? one.tube}</strong>{" "}
                  {t(`sites.problem.${one.problem as "tube-full"}`)}{" "}
                  <span className="muted">
                    {[one.tube, one.otherTube, one.sampler, clockTime(one.at)]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </span>
                <Button busy={settle.isPending} onClick={() => settle.mutate(one.id)}>
                  {t("sites.settle")}
                </Button>
              </li>
            ))}
          </ul>
          <ProblemNotice error={settle.error} />
        </section>
      ) : null}
    </section>
  );
}

function StationRow({
  station,
  samplers,
  siteId,
}: {
  station: Station;
  samplers: Sites["samplers"];
  siteId: string;
}) {
  const t = useText();
  const change = useChangeStation();
  const elsewhere = (id: string) => {
    const found = samplers.find((one) => one.id === id);
    return found?.siteId && found.siteId !== siteId;
  };
  return (
    <>
      <tr>
        <th scope="row">{t("sites.number", { number: station.number })}</th>
        <td>
          <select
            className="field-input"
            aria-label={t("sites.samplerOf", { number: station.number })}
            value={station.samplerId ?? ""}
            onChange={(event) =>
              change.mutate({ id: station.id, samplerId: event.target.value || null })
            }
          >
            <option value="">{t("sites.nobody")}</option>
            {samplers.map((one) => (
              <option key={one.id} value={one.id}>
                {elsewhere(one.id) ? t("sites.elsewhere", { name: one.name }) : one.name}
              </option>
            ))}
          </select>
        </td>
        <td>
          <span className="row">
            <Status
              tone={
                station.state === "open" ? "good" : station.state === "paused" ? "warn" : "quiet"
              }
            >
              {t(`sites.stationState.${station.state}`)}
            </Status>
            <Button
              look="quiet"
              busy={change.isPending}
              aria-label={t(station.state === "open" ? "sites.closeOf" : "sites.openOf", {
                number: station.number,
              })}
              onClick={() =>
                change.mutate({
                  id: station.id,
                  state: station.state === "open" ? "closed" : "open",
                })
              }
            >
              {t(station.state === "open" ? "sites.close" : "sites.open")}
            </Button>
          </span>
        </td>
        <td>{station.openTube ? `${station.openTube.count} / ${station.openTube.size}` : "—"}</td>
        <td className="number">{Math.round(station.perHour)}</td>
        <td className="number">{station.sampledToday}</td>
      </tr>
      {change.error ? (
        <tr>
          <td colSpan={6}>
            <ProblemNotice error={change.error} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
