import { Link } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Qr } from "../../design/components/qr.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import { MyPlace } from "../../surge/my-place.tsx";
import { StepHead } from "../booking/step-head.tsx";
import { Name, useDayWords } from "../booking/words.tsx";
import { useMyTests } from "./queries.ts";
import { TestState } from "./test-home.tsx";

/** What the sampler scans, where and when to come, and what happens with a fever. Opens without a line. */
export function TestPass({ id }: { id: string }) {
  const t = useText();
  const dayWords = useDayWords();
  const mine = useMyTests();
  const test = mine.data?.tests.find((one) => one.id === id);
  const open = test?.state === "registered" || test?.state === "waiting";
  return (
    <main id="main" className="phone-page pass">
      {mine.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={mine.error} retry={() => void mine.refetch()} />
      {mine.data && !test ? (
        <Empty
          icon={calendar}
          title={t("patient.booking.passNotFound")}
          action={
            <Link href="/test" className={buttonClass("primary")}>
              {t("patient.test.title")}
            </Link>
          }
        />
      ) : null}
      {test ? (
        <>
          <StepHead
            title={t("patient.test.passOf", { name: test.patient.name })}
            back={{ href: "/test", label: t("patient.test.title") }}
          >
            <p>
              <TestState test={test} />
            </p>
          </StepHead>
          {mine.data?.keptAt ? (
            <Notice
              tone="warn"
              live={false}
              title={t("patient.offline.keptAt", { time: dayTime(mine.data.keptAt) })}
            />
          ) : null}
          {test.state === "waiting" ? <MyPlace registrationId={test.id} /> : null}
          {open ? (
            <section className="pass-card">
              <div className="pass-code">
                <Qr value={test.code} label={t("patient.booking.qr", { code: test.code })} />
                <p className="pass-letters">{test.code.replace(/(.{3})(?=.)/u, "$1 ")}</p>
                <p className="strong">{t("patient.test.show")}</p>
              </div>
            </section>
          ) : null}
          <dl className="test-facts">
            <dt>{t("patient.test.when")}</dt>
            <dd>
              {dayWords(test.expectedAt)} {clockTime(test.expectedAt)}
            </dd>
            <dt>{t("patient.test.where")}</dt>
            <dd>
              <Name of={test.site} /> · <span lang="zh-CN">{test.place}</span>
            </dd>
            <dt>{t("patient.test.why")}</dt>
            <dd>{t(`patient.test.purpose.${test.purpose}`)}</dd>
            {test.priority ? (
              <>
                <dt>{t("patient.test.lane")}</dt>
                <dd>{t(`patient.test.priority.${test.priority}`)}</dd>
              </>
            ) : null}
            {test.sampledAt ? (
              <>
                <dt>{t("patient.test.sampledAt")}</dt>
                <dd>{dayTime(test.sampledAt)}</dd>
              </>
            ) : null}
          </dl>
          {test.state === "sampled" ? (
            <Notice tone="info" live={false} title={t("patient.test.resultComes")}>
              {t("patient.test.resultHow")}
            </Notice>
          ) : null}
          {open ? (
            <Notice tone="info" live={false} title={t("patient.test.bring")}>
              {t("patient.test.feverThere")} <span lang="zh-CN">{test.feverPlace}</span>
            </Notice>
          ) : null}
          {test.appointmentId && test.state === "registered" ? (
            <Link
              href={`/appointments/${test.appointmentId}`}
              className={buttonClass("plain", { wide: true, size: "large" })}
            >
              {t("patient.test.changeIt")}
            </Link>
          ) : null}
        </>
      ) : null}
    </main>
  );
}
