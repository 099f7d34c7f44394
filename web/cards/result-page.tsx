import { useEffect } from "react";
import { Link } from "wouter";
import { asApiError } from "../api/client.ts";
import { keepPage } from "../api/keep-page.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { check, clock, file, left, print } from "../design/icons.ts";
import { usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime, dayTime } from "../i18n/time.ts";
import { Facts } from "../patient/booking/facts.tsx";
import { ReadAloud } from "../patient/read-aloud.tsx";
import { CardCode } from "./card-code.tsx";
import { isOver, looks, type MyResult, useCard, useMyResults } from "./my-results.ts";

/** One test: the result, until when it counts, what to do, and the signed card. */
export function ResultPage({ id }: { id: string }) {
  const t = useText();
  const mine = useMyResults();
  const result = mine.data?.results.find((one) => one.id === id);
  return (
    <main id="main" className="phone-page result">
      <header className="step-head no-print">
        <Link href="/results" className={buttonClass("quiet", { className: "align-start" })}>
          <Icon path={left} />
          <span>{t("patient.results.backList")}</span>
        </Link>
        <h1>{t("patient.results.test")}</h1>
      </header>
      {mine.isPending ? <Skeleton lines={6} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && !result ? <Empty icon={check} title={t("patient.results.notFound")} /> : null}
      {result ? <Result result={result} keptAt={mine.data?.keptAt ?? null} /> : null}
    </main>
  );
}

function Result({ result, keptAt }: { result: MyResult; keptAt: string | null }) {
  const t = useText();
  const now = useNow(60_000);
  const { elder } = usePreferences();
  const over = isOver(result, now);
  const look = looks[result.state];
  const word = t(`patient.results.state.${result.state}`);
  const sampled = dayTime(result.sampledAt, now);
  const say = sayOf(result, now);
  const words = t(`patient.results.say.${say.key}`, say.values);
  return (
    <>
      {keptAt ? (
        <Notice
          tone="warn"
          live={false}
          title={t("patient.offline.keptAt", { time: dayTime(keptAt) })}
        >
          {t("patient.results.keptHow")}
        </Notice>
      ) : null}
      <section className={`result-word result-${over ? "quiet" : look.tone}`}>
        <Icon path={over ? clock : look.icon} size="tile" />
        <div className="grow">
          <p className="result-state">{word}</p>
          <p className="result-name">{result.patientName}</p>
          {result.validUntil && !over ? (
            <p className="figure no-print">
              {t("patient.results.until")} {dayTime(result.validUntil, now)}
            </p>
          ) : null}
        </div>
      </section>
      <p className="result-say">{words}</p>
      {result.state === "again" ? (
        <Link href="/test" className={buttonClass("primary", { wide: true, size: "large" })}>
          {t("patient.results.bookAgain")}
        </Link>
      ) : null}
      {elder ? (
        <ReadAloud
          text={`${t("patient.results.aloud", { name: result.patientName, state: word, time: sampled })} ${words}`}
        />
      ) : null}
      {result.hasCard ? <SignedCard result={result} /> : null}
      <Facts
        rows={[
          [
            t("patient.results.sampled"),
            <span key="s" className="figure">
              {dateTime(result.sampledAt)}
            </span>,
          ],
          result.validUntil
            ? [
                t("patient.results.until"),
                <>
                  <strong className="figure">{dateTime(result.validUntil)}</strong>
                  <br />
                  <span className="muted small">
                    {t("patient.results.untilHow", { hours: result.validityHours ?? 0 })}
                  </span>
                </>,
              ]
            : null,
          result.place
            ? [
                t("patient.results.place"),
                <span key="p" lang="zh-CN">
                  {result.place}
                </span>,
              ]
            : null,
          result.laboratory && result.releasedAt
            ? [
                t("patient.results.laboratory"),
                <span key="l" lang="zh-CN">
                  {result.laboratory}
                </span>,
              ]
            : null,
        ]}
      />
    </>
  );
}

/** The card: kept on the phone once it was shown, printed, or saved as a file for wallets. */
function SignedCard({ result }: { result: MyResult }) {
  const t = useText();
  const card = useCard(result);
  const jws = card.data?.jws;
  useEffect(() => {
    if (jws) void keepPage();
  }, [jws]);
  return (
    <section className="signed-card">
      <h2>{t("patient.results.card")}</h2>
      {card.isPending ? <p role="status">{t("patient.results.cardLoading")}</p> : null}
      {card.isError ? (
        asApiError(card.error).isLine ? (
          <Notice tone="warn">{t("patient.results.cardOffline")}</Notice>
        ) : (
          <ProblemNotice error={card.error} retry={() => void card.refetch()} />
        )
      ) : null}
      {jws ? (
        <>
          <CardCode jws={jws} label={t("patient.results.cardQr", { name: result.patientName })} />
          <p>{t("patient.results.cardHow")}</p>
          <div className="pass-actions no-print">
            <Button icon={print} wide onClick={() => globalThis.print()}>
              {t("patient.results.print")}
            </Button>
            <Button icon={file} wide onClick={() => save(jws)}>
              {t("patient.results.save")}
            </Button>
          </div>
        </>
      ) : null}
    </section>
  );
}

function sayOf(result: MyResult, now: number) {
  const dueAt = result.dueAt ?? result.sampledAt;
  const time = dayTime(dueAt, now);
  if (result.state === "negative" && isOver(result, now))
    return { key: "over", values: { hours: result.validityHours } } as const;
  if (result.state === "waiting" && Date.parse(dueAt) < now)
    return { key: "late", values: {} } as const;
  return { key: result.state, values: { time } } as const;
}

function save(jws: string): void {
  const content = JSON.stringify({ verifiableCredential: [jws] });
  const url = URL.createObjectURL(new Blob([content], { type: "application/smart-health-card" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "result.smart-health-card";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
