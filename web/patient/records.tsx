import { Link } from "wouter";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { clock, eye, file, right, testTube } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime, isoDate } from "../i18n/time.ts";
import { useMyConsults } from "./my-consults.ts";

/** My records: each consult with its opinion, or with how far it is. */
export function Records() {
  const t = useText();
  const mine = useMyConsults();
  const consults = mine.data?.consults ?? [];
  return (
    <main id="main" className="phone-page">
      <h1>{t("patient.records.title")}</h1>
      <ul className="list">
        {(
          [
            ["/record", file, "patient.records.mine"],
            ["/record/choices", eye, "patient.records.choices"],
            ["/record/medicines", file, "patient.records.medicines"],
            ["/bills", file, "patient.records.bills"],
            ["/road", clock, "patient.records.road"],
          ] as const
        ).map(([href, icon, words]) => (
          <li key={href}>
            <Link href={href} className="list-row">
              <Icon path={icon} />
              <span className="grow strong">{t(words)}</span>
              <Icon path={right} />
            </Link>
          </li>
        ))}
      </ul>
      {mine.isPending ? <Skeleton lines={5} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data?.keptAt ? (
        <p className="muted small">
          {t("patient.offline.keptAt", { time: dayTime(mine.data.keptAt) })}
        </p>
      ) : null}
      {mine.data && consults.length === 0 ? (
        <Empty icon={file} title={t("patient.records.empty")}>
          {t("patient.records.emptyHow")}
        </Empty>
      ) : null}
      {consults.length > 0 ? (
        <ul className="list">
          {consults.map((consult) => (
            <li key={consult.id}>
              <Link href={`/records/${consult.id}`} className="list-row">
                <Icon path={file} />
                <span className="grow">
                  <span className="strong">
                    {t("patient.records.consult", { name: consult.patientName })}
                  </span>
                  <br />
                  <span className="muted small">
                    {consult.invited ?? consult.inviting}
                    {consult.opinion ? ` · ${isoDate(consult.opinion.signedAt)}` : ""}
                  </span>
                  <br />
                  <Status tone={consult.opinion ? "good" : "info"}>
                    {consult.opinion
                      ? t("patient.home.opinionReady")
                      : t(`patient.state.${consult.state}`)}
                  </Status>
                </span>
                <Icon path={right} />
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
      <ul className="list">
        <li>
          <Link href="/results" className="list-row">
            <Icon path={testTube} />
            <span className="grow strong">{t("patient.home.results")}</span>
            <Icon path={right} />
          </Link>
        </li>
        <li>
          <Link href="/access" className="list-row">
            <Icon path={eye} />
            <span className="grow strong">{t("patient.home.access")}</span>
            <Icon path={right} />
          </Link>
        </li>
      </ul>
    </main>
  );
}
