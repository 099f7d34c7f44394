import { Link } from "wouter";
import { buttonClass } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, file, left, person, right } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime, isoDate } from "../i18n/time.ts";
import { isOver, looks, useMyPaperCodes, useMyResults } from "./my-results.ts";

/** All tests of my people, newest first, and the paper codes for those without a phone. */
export function ResultsPage() {
  const t = useText();
  const now = useNow(60_000);
  const mine = useMyResults();
  const results = mine.data?.results ?? [];
  return (
    <main id="main" className="phone-page">
      <header className="step-head">
        <Link href="/" className={buttonClass("quiet", { className: "no-print align-start" })}>
          <Icon path={left} />
          <span>{t("patient.results.back")}</span>
        </Link>
        <h1>{t("patient.results.title")}</h1>
      </header>
      {mine.isPending ? <Skeleton lines={5} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && results.length === 0 ? (
        <Empty icon={check} title={t("patient.results.empty")}>
          {t("patient.results.emptyHow")}
        </Empty>
      ) : null}
      {results.length > 0 ? (
        <ul className="list">
          {results.map((result) => {
            const over = isOver(result, now);
            const look = looks[result.state];
            return (
              <li key={result.id}>
                <Link href={`/results/${result.id}`} className="list-row">
                  <Icon path={person} />
                  <span className="grow">
                    <span className="strong">{result.patientName}</span>{" "}
                    <Status tone={over ? "quiet" : look.tone} icon={over ? undefined : look.icon}>
                      {t(`patient.results.state.${result.state}`)}
                    </Status>
                    <br />
                    <span className="muted small figure">
                      {t("patient.results.sampled")} {dayTime(result.sampledAt, now)}
                    </span>
                    {result.validUntil ? (
                      <>
                        <br />
                        <span className="muted small figure">
                          {t("patient.results.until")} {dayTime(result.validUntil, now)}
                        </span>
                      </>
                    ) : null}
                  </span>
                  <Icon path={right} />
                </Link>
              </li>
            );
          })}
        </ul>
      ) : null}
      <PaperCodes />
      {mine.data?.keptAt ? (
        <p className="muted small">
          {t("patient.offline.keptAt", { time: dayTime(mine.data.keptAt) })}
        </p>
      ) : null}
    </main>
  );
}

function PaperCodes() {
  const t = useText();
  const paper = useMyPaperCodes();
  if (!paper.data || paper.data.people.length === 0) return null;
  return (
    <section>
      <h2 className="section-title">{t("patient.results.paperTitle")}</h2>
      <p className="muted results-say">{t("patient.results.paperWhat")}</p>
      <ul className="list">
        {paper.data.people.map(({ patientId, name, code }) => (
          <li key={patientId}>
            <Link href={`/results/paper/${patientId}`} className="list-row">
              <Icon path={file} />
              <span className="grow">
                <span className="strong">
                  {code ? name : t("patient.results.paperMake", { name })}
                </span>
                {code ? (
                  <>
                    <br />
                    <span className="muted small">
                      {code.state === "valid"
                        ? t("patient.results.paperUntil", { time: isoDate(code.expiresAt) })
                        : t("patient.results.paperOver")}
                    </span>
                  </>
                ) : null}
              </span>
              <Icon path={right} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
