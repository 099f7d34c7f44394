import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { phone as phoneIcon } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { Choices } from "./choices.tsx";
import { type CallTask, useCallTasks, useOverview } from "./queries.ts";

/** News to be told by telephone, the nearest deadline first, with the words to say. */
export function CallTasks() {
  const t = useText();
  const tasks = useCallTasks(true);
  const open = tasks.data?.calls.filter((one) => one.state === "open") ?? [];
  const done = tasks.data?.calls.filter((one) => one.state !== "open") ?? [];
  const now = Date.now();
  // Who was tried in vain waits until the next try is due, as long as others are due before.
  const due = open.filter((one) => Date.parse(one.nextAt) <= now);
  const first = due[0] ?? open[0];
  return (
    <main id="main" className="bench-main">
      <h1 className="hotline-title">{t("hotline.tasks.title", { count: open.length })}</h1>
      {tasks.isPending ? <Skeleton lines={5} /> : null}
      <ProblemNotice error={tasks.error} retry={() => void tasks.refetch()} />
      {tasks.data && open.length === 0 ? (
        <Empty icon={phoneIcon} title={t("hotline.tasks.none")}>
          {t("hotline.tasks.noneHow")}
        </Empty>
      ) : null}
      {first ? <TaskAtHand key={first.id} task={first} /> : null}
      <Waiting />
      {open.length > 1 ? (
        <Card title={t("hotline.tasks.next")}>
          <ul className="hotline-rows">
            {open
              .filter((one) => one.id !== first?.id)
              .map((one) => (
                <li key={one.id}>
                  <span>
                    <span className="strong">{one.patient}</span>{" "}
                    <span className="muted">{t(`hotline.tasks.kind.${one.kind}`)}</span>
                    {one.attempts > 0 ? (
                      <span className="muted small">
                        {" "}
                        {t("hotline.tasks.again", {
                          count: one.attempts,
                          time: clockTime(one.nextAt),
                        })}
                      </span>
                    ) : null}
                  </span>
                  <Countdown dueAt={one.dueAt} />
                </li>
              ))}
          </ul>
        </Card>
      ) : null}
      {done.length > 0 ? (
        <Card title={t("hotline.tasks.done")}>
          <ul className="hotline-rows">
            {done.map((one) => (
              <li key={one.id}>
                <span>
                  <span className="strong">{one.patient}</span>{" "}
                  <span className="muted">{t(`hotline.tasks.kind.${one.kind}`)}</span>
                </span>
                <Status tone={one.state === "lapsed" ? "warn" : "good"}>
                  {t(`hotline.tasks.state.${one.state}`)}
                </Status>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
    </main>
  );
}

/** Callers who hung up at the hour of release: their seats are taken by themselves. */
function Waiting() {
  const t = useText();
  const client = useQueryClient();
  const waiting = useOverview().data?.waiting ?? [];
  const withdraw = useWrite(
    (id: string, key) => api.post(`/api/hotline/waiting/${id}/withdraw`, {}, key),
    { onDone: () => void client.invalidateQueries({ queryKey: ["hotline-call"] }) },
  );
  if (waiting.length === 0) return null;
  return (
    <Card title={t("hotline.waiting.title")}>
      <ProblemNotice error={withdraw.error} />
      <ul className="hotline-rows">
        {waiting.map((one) => (
          <li key={one.id}>
            <span>
              <span className="strong">{one.patientName}</span>{" "}
              <span className="muted">
                {t("hotline.waiting.for", { time: dayTime(one.startsAt) })}
              </span>
            </span>
            <Button look="quiet" busy={withdraw.isPending} onClick={() => withdraw.mutate(one.id)}>
              {t("hotline.waiting.withdraw")}
              <span className="visually-hidden"> {one.patientName}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function TaskAtHand({ task }: { task: CallTask }) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const record = useWrite(
    (outcome: string, key) =>
      api.post(`/api/calls/${task.id}`, { version: task.version, outcome }, key),
    { onDone: () => void client.invalidateQueries({ queryKey: ["call-task"] }) },
  );
  const spoken = task.words[task.language];
  return (
    <Card
      strong
      title={`${task.patient} · ${t(`hotline.tasks.kind.${task.kind}`)}`}
      aside={<Countdown dueAt={task.dueAt} lead={t("hotline.tasks.until")} />}
    >
      <p className="hotline-number figure">{task.contact.phone ?? t("hotline.tasks.noNumber")}</p>
      {task.contact.name || task.contact.relation ? (
        <p className="muted">
          {[
            task.contact.name,
            task.contact.relation ? t(`common.relation.${task.contact.relation}`) : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      ) : null}
      <p className="muted small">{t("hotline.tasks.say")}</p>
      <p className="hotline-say" lang={task.language}>
        {spoken}
      </p>
      {task.language === language ? null : <p className="muted">{task.words[language]}</p>}
      {task.kind === "triage-worse" || task.kind === "triage-silent" ? (
        <div className="row">
          <Link href={`/triage?patient=${task.patientId}`} className={buttonClass("soft")}>
            {t("hotline.tasks.triageAgain")}
          </Link>
          <a href="tel:120" className={buttonClass("danger")}>
            <Icon path={phoneIcon} />
            <span>{t("hotline.tasks.call120")}</span>
          </a>
        </div>
      ) : null}
      <ProblemNotice error={record.error} />
      <Choices
        label={t("hotline.tasks.say")}
        busy={record.isPending}
        options={(["reached", "not-reached", "left-with-helper"] as const).map((outcome) => ({
          id: outcome,
          label: t(`hotline.tasks.outcome.${outcome}`),
        }))}
        onChoose={(outcome) => record.mutate(outcome)}
      />
    </Card>
  );
}
