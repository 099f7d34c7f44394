import { useRef } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { screen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { crowdLook, crowdOf } from "./crowd.ts";
import { type Board, type Site, type Station, useBoard, useStaff, useStep } from "./queries.ts";
import { stateTone } from "./surge-page.tsx";

/** The evening on one screen, also on the wall: how far it is, each station, tubes, results, who was sent elsewhere. */
export function BoardPage({ id }: { id: string }) {
  const t = useText();
  const board = useBoard(id);
  const wall = useRef<HTMLDivElement>(null);
  const data = board.data;
  return (
    <main id="main" className="surge surge-wide">
      <nav className="row spread">
        <Link href="/surge" className={buttonClass("quiet")}>
          {t("surge.back")}
        </Link>
        <Button icon={screen} onClick={() => void wall.current?.requestFullscreen?.()}>
          {t("surge.wall")}
        </Button>
      </nav>
      {board.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={board.error} retry={() => void board.refetch()} />
      {data ? (
        <>
          <div ref={wall} className="surge-wall">
            <header className="row spread">
              <h1>{data.surge.title}</h1>
              <span className="row">
                <span className="muted">
                  {t("surge.board.asOf", { time: clockTime(data.now) })}
                </span>
                <Status tone={stateTone[data.surge.state]}>
                  {t(`surge.state.${data.surge.state}`)}
                </Status>
              </span>
            </header>
            <Whole board={data} />
            <div className="surge-columns">
              <div className="surge-sites">
                {data.sites.map((site) => (
                  <SiteStations key={site.id} site={site} />
                ))}
              </div>
              <Beside board={data} />
            </div>
          </div>
          <Command board={data} />
        </>
      ) : null}
    </main>
  );
}

function Whole({ board }: { board: Board }) {
  const t = useText();
  const working = board.sites.flatMap((one) => one.stations).filter((one) => one.state === "open");
  const hall = board.sites.reduce((sum, one) => sum + one.hall, 0);
  return (
    <dl className="surge-figures">
      <div>
        <dt>{t("surge.board.sampled")}</dt>
        <dd>{board.sampled}</dd>
        <dd className="surge-under">{t("surge.board.of", { count: board.registered })}</dd>
      </div>
      <div>
        <dt>{t("surge.board.waiting")}</dt>
        <dd>{board.waiting}</dd>
        <dd className="surge-under">{t("surge.board.hall", { count: hall })}</dd>
      </div>
      <div>
        <dt>{t("surge.board.pace")}</dt>
        <dd>{board.perHour}</dd>
        <dd className="surge-under">{t("surge.board.paceOf", { count: working.length })}</dd>
      </div>
      <div>
        <dt>{t("surge.board.end")}</dt>
        <dd>{board.forecastEnd ? clockTime(board.forecastEnd) : "—"}</dd>
        <dd className="surge-under">
          {board.forecastEnd || board.surge.state === "stood-down"
            ? t("surge.board.ledAway", { count: board.ledAway })
            : t("surge.board.endNone")}
        </dd>
      </div>
    </dl>
  );
}

function SiteStations({ site }: { site: Site }) {
  const t = useText();
  return (
    <section className="surge-card" aria-label={site.name}>
      <header className="row spread">
        <h2>
          <span lang="zh-CN">{site.name}</span>
        </h2>
        <p className="muted">
          {t("surge.site", { waiting: site.waiting, perHour: Math.round(site.perHour) })}
          {site.endsAt ? ` · ${t("surge.siteEnd", { time: clockTime(site.endsAt) })}` : ""}
        </p>
      </header>
      <ul className="surge-stations">
        {site.stations.map((one) => (
          <li key={one.id}>
            <StationTile station={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function StationTile({ station }: { station: Station }) {
  const t = useText();
  const crowd = crowdOf(station);
  return (
    <article
      className={`surge-station surge-${crowd}`}
      aria-label={t("surge.station.number", { number: station.number })}
    >
      <p className="row spread">
        <strong>{station.number}</strong>
        {station.priority ? <span className="small">{t("surge.station.priority")}</span> : null}
      </p>
      <p className="surge-queue">{t("surge.station.queue", { count: station.queue })}</p>
      <p className="small muted">
        {t(station.measured ? "surge.station.pace" : "surge.station.planned", {
          count: Math.round(station.perHour),
        })}
      </p>
      <p className="small muted">
        {station.endsAt && station.queue > 0
          ? t("surge.station.until", { time: clockTime(station.endsAt) })
          : " "}
      </p>
      <Status tone={crowdLook[crowd].tone} icon={crowdLook[crowd].icon}>
        {t(`surge.crowd.${crowd}`)}
      </Status>
    </article>
  );
}

function Beside({ board }: { board: Board }) {
  const t = useText();
  const { tubes } = board;
  const rows = [
    ["filling", tubes.filling],
    ["toCollect", tubes.toCollect],
    ["inTransit", tubes.inTransit],
    ["inLaboratory", tubes.inLaboratory],
    ["done", tubes.done],
  ] as const;
  return (
    <aside className="surge-beside">
      <section className="surge-card">
        <h2>{t("surge.board.tubes")}</h2>
        <dl className="surge-rows">
          {rows.map(([name, count]) => (
            <div key={name}>
              <dt>{t(`surge.board.${name}`)}</dt>
              <dd>{count}</dd>
            </div>
          ))}
        </dl>
        <p>
          {tubes.overdue > 0 ? (
            <Status tone="bad">{t("surge.board.overdue", { count: tubes.overdue })}</Status>
          ) : (
            <Status tone="good">{t("surge.board.inTime")}</Status>
          )}
        </p>
      </section>
      <section className="surge-card">
        <h2>{t("surge.board.due")}</h2>
        {board.resultsDue.length === 0 ? (
          <p className="muted">{t("surge.board.dueNone")}</p>
        ) : (
          <dl className="surge-rows">
            {board.resultsDue.map((one) => (
              <div key={one.hour}>
                <dt>{t("surge.board.dueBefore", { time: clockTime(one.hour) })}</dt>
                <dd>
                  {t("surge.board.dueTubes", { count: one.tubes })}
                  {one.late > 0 ? (
                    <Status tone="bad">{t("surge.board.dueLate", { count: one.late })}</Status>
                  ) : null}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <dl className="surge-rows">
          <div>
            <dt>{t("surge.board.recalls")}</dt>
            <dd>{board.recallsOpen}</dd>
          </div>
        </dl>
      </section>
      <section className="surge-card" aria-live="polite">
        <h2>{t("surge.board.moved")}</h2>
        {board.moved.length === 0 ? <p className="muted">{t("surge.board.movedNone")}</p> : null}
        <ul className="surge-moves">
          {board.moved.map((one) => (
            <li key={`${one.code} ${one.at}`}>
              {t("surge.board.movedOne", { code: one.code, from: one.from, to: one.to })}
            </li>
          ))}
        </ul>
      </section>
    </aside>
  );
}

function Command({ board }: { board: Board }) {
  const t = useText();
  const staff = useStaff();
  const step = useStep();
  const { id, state } = board.surge;
  if (state !== "open" && state !== "closing") return null;
  return (
    <section className="surge-card">
      <ProblemNotice error={staff.error ?? step.error} />
      {staff.data ? (
        <Notice tone="good" title={t("surge.staffed", { count: staff.data.seated })} />
      ) : null}
      <div className="row">
        {board.freeSamplers > 0 ? (
          <Button look="primary" busy={staff.isPending} onClick={() => staff.mutate(id)}>
            {t("surge.staff", { count: board.freeSamplers })}
          </Button>
        ) : null}
        {state === "open" ? (
          <Button busy={step.isPending} onClick={() => step.mutate({ id, step: "close" })}>
            {t("surge.close")}
          </Button>
        ) : (
          <Button busy={step.isPending} onClick={() => step.mutate({ id, step: "open" })}>
            {t("surge.reopen")}
          </Button>
        )}
        <span className="muted">{t("surge.closeHow")}</span>
      </div>
    </section>
  );
}
