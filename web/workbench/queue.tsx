import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import type { ConsultSummary } from "../../server/consult/contract.ts";
import { type Scope, useConsults } from "../consult/queries.ts";
import { byClock, nameOf, sexAndAge, stateTone, urgencyTone } from "../consult/words.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Countdown, useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { file } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import "./queue.css";

/** True while the person types, when single letters belong to the text. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
  );
}

/** My queue by its clocks: what is overdue is on top. J and K go down and up. */
export function Queue({
  scope,
  selected,
  mayRequest,
}: {
  scope: Scope;
  selected: string | null;
  mayRequest: boolean;
}) {
  const t = useText();
  const [, go] = useLocation();
  const consults = useConsults(scope);
  const list = (consults.data?.consults ?? []).toSorted(byClock);
  const Heading = selected ? "h2" : "h1";
  const waiting = list.filter((consult) => consult.clock?.kind === "respond").length;
  const ids = list.map((consult) => consult.id).join();

  useEffect(() => {
    const order = ids ? ids.split(",") : [];
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || order.length === 0) return;
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (!step) return;
      const at = selected ? order.indexOf(selected) : -1;
      const next = order[Math.min(order.length - 1, Math.max(0, at + step))];
      if (next) go(`/${scope}/${next}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [ids, selected, scope, go]);

  return (
    <nav className="queue" aria-label={t(`workbench.queue.${scope}`)}>
      <header className="queue-head">
        <Heading>
          {t(`workbench.queue.${scope}`)}{" "}
          <span className="figure">
            {consults.data ? (scope === "desk" ? waiting : list.length) : ""}
          </span>
        </Heading>
        <span className="muted small">
          {scope === "archive" ? t("workbench.queue.byDate") : t("workbench.queue.byClock")}
        </span>
      </header>
      {mayRequest && scope === "mine" ? (
        <div className="queue-new">
          <Link href="/new" className={buttonClass("primary", { wide: true })}>
            <Icon path={plus} />
            <span>{t("workbench.new.action")}</span>
          </Link>
        </div>
      ) : null}
      {consults.isPending ? <Skeleton lines={6} /> : null}
      {consults.isError ? (
        <ProblemNotice error={consults.error} retry={() => void consults.refetch()} />
      ) : null}
      {consults.data && list.length === 0 ? (
        <Empty icon={file} title={t(`workbench.empty.${scope}`)}>
          {t(`workbench.empty.${scope}How`)}
        </Empty>
      ) : null}
      <ul>
        {list.map((consult) => (
          <li key={consult.id}>
            <QueueItem consult={consult} scope={scope} current={consult.id === selected} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function QueueItem({
  consult,
  scope,
  current,
}: {
  consult: ConsultSummary;
  scope: Scope;
  current: boolean;
}) {
  const t = useText();
  const now = useNow(30_000);
  const urgency = t(`common.urgency.${consult.urgency}`);
  const over = consult.clock !== null && Date.parse(consult.clock.dueAt) < now;
  return (
    <Link
      href={`/${scope}/${consult.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
      data-over={over || undefined}
    >
      <span className="queue-top">
        {consult.clock ? (
          <Countdown
            dueAt={consult.clock.dueAt}
            lead={
              consult.clock.kind === "respond"
                ? urgency
                : t(`workbench.clock.${consult.clock.kind}`)
            }
            tone={
              over
                ? "bad"
                : consult.clock.kind === "respond"
                  ? urgencyTone[consult.urgency]
                  : undefined
            }
          />
        ) : (
          <Status tone={stateTone[consult.state]}>{t(`state.${consult.state}`)}</Status>
        )}
        <time className="muted small figure" dateTime={consult.submittedAt ?? consult.updatedAt}>
          {shortTime(consult.submittedAt ?? consult.updatedAt)}
        </time>
      </span>
      <span className="strong">
        {nameOf(consult.patient, t)} · {sexAndAge(consult.patient, t)}
      </span>
      {consult.complaint || consult.wantedSpecialty ? (
        <span className="queue-line">
          {[consult.complaint, consult.wantedSpecialty].filter(Boolean).join(" → ")}
        </span>
      ) : null}
      <span className="muted small">
        {consult.side === "inviting"
          ? (consult.invited?.name ?? t("workbench.queue.noTarget"))
          : consult.inviting.name}
        {consult.clock ? ` · ${t(`state.${consult.state}`)}` : ""}
      </span>
    </Link>
  );
}
