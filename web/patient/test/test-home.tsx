import { Link } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { calendar, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime } from "../../i18n/time.ts";
import { StepHead } from "../booking/step-head.tsx";
import { Name, useDayWords } from "../booking/words.tsx";
import { type MyTest, useMyTests } from "./queries.ts";
import { SurgeTonight } from "./surge-join.tsx";

const tones: Record<MyTest["state"], Tone> = {
  registered: "info",
  waiting: "info",
  sampled: "good",
  "led-away": "warn",
  missed: "quiet",
  cancelled: "quiet",
};

export function TestState({ test }: { test: MyTest }) {
  const t = useText();
  return <Status tone={tones[test.state]}>{t(`patient.test.state.${test.state}`)}</Status>;
}

/** What is booked, and the two ways to come: with a time, or together with others. */
export function TestHome() {
  const t = useText();
  const dayWords = useDayWords();
  const mine = useMyTests();
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t("patient.test.title")}
        back={{ href: "/", label: t("patient.booking.back") }}
      />
      <Notice tone="warn" live={false} title={t("patient.test.feverFirst")}>
        {t("patient.test.feverHow")} <Link href="/fever">{t("patient.test.toFever")}</Link>
      </Notice>
      <SurgeTonight />
      <Link href="/test/book" className={buttonClass("primary", { wide: true, size: "large" })}>
        {t("patient.test.book")}
      </Link>
      <Link href="/test/group" className={buttonClass("plain", { wide: true, size: "large" })}>
        {t("patient.test.group")}
      </Link>
      <section className="stack stack-2">
        <h2>{t("patient.test.mine")}</h2>
        {mine.isPending ? <Skeleton lines={4} /> : null}
        <ProblemNotice error={mine.error} retry={() => void mine.refetch()} />
        {mine.data?.tests.length === 0 ? (
          <Empty icon={calendar} title={t("patient.test.none")}>
            {t("patient.test.noneHow")}
          </Empty>
        ) : null}
        <ul className="list">
          {mine.data?.tests.map((test) => (
            <li key={test.id}>
              <Link href={`/test/${test.id}`} className="list-row">
                <span className="grow">
                  <span className="strong">{test.patient.name}</span> <TestState test={test} />
                  <span className="row-line muted small">
                    {dayWords(test.expectedAt)} {clockTime(test.expectedAt)} ·{" "}
                    <Name of={test.site} />
                  </span>
                </span>
                <Icon path={right} />
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}
