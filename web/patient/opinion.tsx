import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { camera, file, left, print, speaker } from "../design/icons.ts";
import { useSpeech } from "../design/speech.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { useMyConsults } from "./my-consults.ts";
import { nextWords } from "./next-words.ts";

/** One consult: the plain words first, what the doctor here decided, when to come at once, then the rest. */
export function Opinion({ id }: { id: string }) {
  const t = useText();
  const speech = useSpeech(useLanguage());
  const mine = useMyConsults();
  const consult = mine.data?.consults.find((entry) => entry.id === id);
  const opinion = consult?.opinion;
  return (
    <main id="main" className="phone-page">
      <Link href="/records" className={buttonClass("quiet", { className: "no-print align-start" })}>
        <Icon path={left} />
        <span>{t("patient.records.title")}</span>
      </Link>
      {mine.isPending ? <Skeleton lines={6} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && !consult ? <Empty icon={file} title={t("patient.opinion.notFound")} /> : null}
      {consult ? (
        <header>
          <h1>{t("patient.opinion.title")}</h1>
          <p className="muted">
            {t("patient.opinion.about", {
              name: consult.patientName,
              hospital: consult.invited ?? consult.inviting,
            })}
          </p>
        </header>
      ) : null}
      {consult && !opinion ? (
        <>
          <Notice tone="info" live={false} title={t(`patient.state.${consult.state}`)}>
            {nextWords(consult, t).say}
          </Notice>
          {consult.mayEnterRoom ? (
            <a
              className={buttonClass("primary", { wide: true, size: "large" })}
              href={`/room/${consult.id}`}
            >
              <Icon path={camera} />
              <span>{t("patient.next.enter")}</span>
            </a>
          ) : null}
        </>
      ) : null}
      {consult && opinion ? (
        <>
          <p className="reading">{opinion.plainWords}</p>
          {speech.available ? (
            <Button
              look="soft"
              icon={speaker}
              className="no-print"
              onClick={() =>
                speech.speaking
                  ? speech.stop()
                  : speech.speak([opinion.plainWords, opinion.treatmentDecision ?? ""].join("。"))
              }
            >
              {speech.speaking ? t("common.stopReading") : t("patient.readToMe")}
            </Button>
          ) : null}
          {opinion.treatmentDecision ? (
            <Part
              title={t("patient.opinion.decision", { hospital: consult.inviting })}
              text={opinion.treatmentDecision}
            />
          ) : null}
          {opinion.transferConditions ? (
            <Notice tone="warn" live={false} title={t("patient.opinion.comeAtOnce")}>
              {opinion.transferConditions}
            </Notice>
          ) : null}
          <Part
            title={t("patient.opinion.diagnosis")}
            text={[
              opinion.diagnoses.map((entry) => entry.text).join(t("common.listSeparator")),
              opinion.diagnosticOpinion,
            ]
              .filter(Boolean)
              .join("\n")}
          />
          <Part title={t("patient.opinion.tests")} text={opinion.testsAdvised} />
          <Part title={t("patient.opinion.plan")} text={opinion.plan} />
          <p className="muted small">
            {t("patient.opinion.signed", {
              name: opinion.signedBy,
              hospital: consult.invited ?? "",
              time: dateTime(opinion.signedAt),
            })}
          </p>
          <div className="stack stack-2 no-print">
            <a
              className={buttonClass("primary", { wide: true, size: "large" })}
              href={`/api/consults/${consult.id}/opinion.pdf`}
            >
              <Icon path={file} />
              <span>{t("patient.opinion.pdf")}</span>
            </a>
            <Button wide icon={print} onClick={() => globalThis.print()}>
              {t("patient.opinion.print")}
            </Button>
          </div>
        </>
      ) : null}
    </main>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  if (!text.trim()) return null;
  return (
    <section className="opinion-part">
      <h2>{title}</h2>
      <p>{text}</p>
    </section>
  );
}
