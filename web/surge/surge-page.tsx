import { useState } from "react";
import { Link, useLocation } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { testTube } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { BoardPage } from "./board-page.tsx";
import { type Surge, useStep, useSurges } from "./queries.ts";
import { SurgeForm } from "./surge-form.tsx";
import "./surge.css";

export { wordsReady } from "./words.ts";

export const stateTone: Record<Surge["state"], Tone> = {
  planned: "warn",
  open: "good",
  closing: "info",
  "stood-down": "quiet",
  withdrawn: "quiet",
};

/** One-night mass testing: what runs, what waits for a second signature, and the form that opens it. */
export function SurgePage({ opened }: { opened: string | null }) {
  return opened ? <BoardPage key={opened} id={opened} /> : <SurgeList />;
}

function SurgeList() {
  const t = useText();
  const surges = useSurges();
  const [, go] = useLocation();
  const [making, setMaking] = useState(false);
  return (
    <main id="main" className="surge">
      <header className="row spread">
        <h1>{t("surge.title")}</h1>
        {surges.data?.mayCommand && !making ? (
          <Button look="primary" icon={plus} onClick={() => setMaking(true)}>
            {t("surge.new")}
          </Button>
        ) : null}
      </header>
      {surges.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={surges.error} retry={() => void surges.refetch()} />
      {making && surges.data ? (
        <SurgeForm
          list={surges.data}
          onCancel={() => setMaking(false)}
          onDone={(surge) => {
            setMaking(false);
            if (surge.state === "open") go(`/surge/${surge.id}`);
          }}
        />
      ) : null}
      {surges.data?.surges.length === 0 && !making ? (
        <Empty icon={testTube} title={t("surge.none")}>
          {t("surge.noneHow")}
        </Empty>
      ) : null}
      <ul className="surge-list">
        {surges.data?.surges.map((one) => (
          <li key={one.id}>
            <SurgeCard surge={one} mayCommand={surges.data.mayCommand} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function SurgeCard({ surge, mayCommand }: { surge: Surge; mayCommand: boolean }) {
  const t = useText();
  const step = useStep();
  return (
    <section className="surge-card" aria-label={surge.title}>
      <header className="row spread">
        <h2>{surge.title}</h2>
        <Status tone={stateTone[surge.state]}>{t(`surge.state.${surge.state}`)}</Status>
      </header>
      <p className="muted">
        {dayTime(surge.startsAt)} · {surge.places.map((one) => one.name).join("、")} ·{" "}
        {t("surge.board.paceOf", { count: surge.stations })}
      </p>
      <p className="muted">
        {t("surge.orderBy", { number: surge.order.number, name: surge.order.authorisedBy })}
        {surge.order.confirmedBy
          ? ` · ${t("surge.orderSigned", { name: surge.order.confirmedBy })}`
          : ""}
      </p>
      <ProblemNotice error={step.error} />
      <div className="row">
        {surge.state === "planned" && surge.order.mayConfirm ? (
          <Button
            look="primary"
            busy={step.isPending}
            onClick={() => step.mutate({ id: surge.id, step: "open" })}
          >
            {t("surge.sign", { count: surge.stations })}
          </Button>
        ) : null}
        {surge.state === "planned" && !surge.order.mayConfirm ? (
          <p>{t("surge.signOther")}</p>
        ) : null}
        {surge.state === "planned" && mayCommand ? (
          <Button onClick={() => step.mutate({ id: surge.id, step: "close" })}>
            {t("surge.withdraw")}
          </Button>
        ) : null}
        {surge.state !== "planned" && surge.state !== "withdrawn" ? (
          <Link href={`/surge/${surge.id}`} className={buttonClass("soft")}>
            {t("surge.watch")}
          </Link>
        ) : null}
      </div>
    </section>
  );
}
