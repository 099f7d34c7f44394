import { type FormEvent, useRef, useState } from "react";
import type { LabRun, ReceiveAnswer, Reception } from "../../server/lab/contract.ts";
import type { RejectingProblem } from "../../server/lab/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { testTube } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useClose, useLost, useReceive, useReception, useSign } from "./queries.ts";
import { inWords } from "./words.ts";

/** Boxes on their way, the one at hand with its tubes, and one field that a scanner types into. */
export function ReceptionTab() {
  const t = useText();
  const reception = useReception();
  const [chosen, setChosen] = useState<string | null>(null);
  if (reception.isPending) return <Skeleton lines={8} />;
  if (reception.isError)
    return <ProblemNotice error={reception.error} retry={() => void reception.refetch()} />;
  const { runs, notes, counts } = reception.data;
  const run = runs.find((one) => one.id === chosen) ?? null;
  return (
    <>
      <Counts counts={counts} />
      <div className="lab-columns">
        <section className="lab-card">
          <h2>{t("lab.reception.boxes")}</h2>
          {runs.length === 0 ? (
            <Empty icon={testTube} title={t("lab.reception.none")}>
              {t("lab.reception.noneHow")}
            </Empty>
          ) : (
            <ul className="lab-list">
              {runs.map((one) => (
                <li key={one.id}>
                  <RunLine
                    run={one}
                    current={one.id === chosen}
                    onChoose={() => setChosen(one.id === chosen ? null : one.id)}
                  />
                </li>
              ))}
            </ul>
          )}
        </section>
        <div className="stack">
          <Scan run={run} />
          {run ? <Box key={run.id} run={run} /> : null}
          <Problems notes={notes} />
        </div>
      </div>
    </>
  );
}

function Counts({ counts }: { counts: Reception["counts"] }) {
  const t = useText();
  return (
    <dl className="lab-counts">
      {(["inTransit", "transitLate", "atLab", "overdue"] as const).map((one) => (
        <div
          key={one}
          data-bad={
            (one === "overdue" || one === "transitLate") && counts[one] > 0 ? "" : undefined
          }
        >
          <dt>{t(`lab.count.${one}`)}</dt>
          <dd className="figure">{counts[one]}</dd>
        </div>
      ))}
    </dl>
  );
}

const arrived = (run: LabRun) => run.tubes.filter((tube) => tube.state !== "in-transit").length;

function RunLine({
  run,
  current,
  onChoose,
}: {
  run: LabRun;
  current: boolean;
  onChoose: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const due = run.tubes
    .filter((tube) => tube.state === "in-transit" && tube.labDueAt)
    .map((tube) => tube.labDueAt!)
    .sort()[0];
  return (
    <button type="button" className="lab-line" aria-pressed={current} onClick={onChoose}>
      <span className="row spread wrap">
        <span className="strong">
          {inWords(run.site, language)} · {run.box}
        </span>
        <Status tone={run.state === "delivered" ? "good" : "info"}>
          {t(`lab.run.${run.state}`)}
        </Status>
      </span>
      <span className="row spread wrap">
        <span className="muted">
          {t("lab.run.from", { courier: run.courier, time: clockTime(run.pickedUpAt) })} ·{" "}
          <span className="figure">
            {t("lab.run.arrived", { here: arrived(run), all: run.tubes.length })}
          </span>
        </span>
        {due ? <Countdown dueAt={due} lead={t("lab.run.due")} /> : null}
      </span>
    </button>
  );
}

/** Whoever unpacks keeps the scanner in hand: each code is done by itself, a problem is chosen before. */
function Scan({ run }: { run: LabRun | null }) {
  const t = useText();
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<RejectingProblem | "none">("none");
  const [note, setNote] = useState("");
  const [done, setDone] = useState<ReceiveAnswer | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const receive = useReceive((answer) => {
    setDone(answer);
    if (answer.outcome !== "late") {
      setCode("");
      setProblem("none");
      setNote("");
      setRemark("");
    }
    field.current?.focus();
  });
  const [remark, setRemark] = useState("");
  const send = (asProblem: RejectingProblem | null) =>
    receive.mutate({ runId: run?.id ?? null, code: code.trim(), problem: asProblem, note });
  const acceptLate = () =>
    receive.mutate({
      runId: run?.id ?? null,
      code: code.trim(),
      problem: null,
      note: remark.trim(),
      acceptLate: true,
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDone(null);
    if (code.trim()) send(problem === "none" ? null : problem);
  };
  return (
    <section className="lab-card">
      <h2>{run ? t("lab.scan.titleBox", { box: run.box }) : t("lab.scan.title")}</h2>
      <form className="stack" onSubmit={submit}>
        <div className="lab-scan">
          <TextField
            ref={field}
            label={t("lab.scan.code")}
            hint={t("lab.scan.how")}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
          <Button type="submit" look="primary" busy={receive.isPending}>
            {problem === "none" ? t("lab.scan.receive") : t("lab.scan.reject")}
          </Button>
        </div>
        <Segmented
          label={t("lab.scan.state")}
          value={problem}
          options={(["none", "broken-seal", "leaking", "unreadable"] as const).map((value) => ({
            value,
            label: t(`lab.problem.${value}`),
          }))}
          onChange={setProblem}
        />
        {problem === "none" ? null : (
          <TextField
            label={t("lab.scan.note")}
            optional={t("lab.optional")}
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </form>
      <ProblemNotice error={receive.error} />
      {done ? (
        <Notice
          tone={done.outcome === "rejected" || done.outcome === "late" ? "warn" : "good"}
          title={t(`lab.outcome.${done.outcome}`, {
            tube: done.tube.code,
            count: done.tube.count,
          })}
          action={
            done.outcome === "late" ? (
              <Button look="danger" busy={receive.isPending} onClick={() => send("late")}>
                {t("lab.scan.rejectLate", { count: done.tube.count })}
              </Button>
            ) : undefined
          }
        >
          {done.outcome === "late" && done.mayAccept ? (
            <div className="stack">
              <p>{t("lab.scan.acceptHow")}</p>
              <TextField
                label={t("lab.scan.acceptWhy")}
                value={remark}
                maxLength={200}
                onChange={(event) => setRemark(event.target.value)}
              />
              <div className="row">
                <Button
                  disabled={remark.trim().length < 4}
                  busy={receive.isPending}
                  onClick={acceptLate}
                >
                  {t("lab.scan.acceptLate", { count: done.tube.count })}
                </Button>
              </div>
            </div>
          ) : null}
          {done.extra ? t("lab.outcome.extra") : null}
          {done.outcome === "rejected" ? t("lab.outcome.recalled", { count: done.recalled }) : null}
        </Notice>
      ) : null}
    </section>
  );
}

function Box({ run }: { run: LabRun }) {
  const t = useText();
  const sign = useSign();
  const [missing, setMissing] = useState<number | null>(null);
  const close = useClose(({ missing: list }) => setMissing(list.length));
  const [count, setCount] = useState(String(run.tubes.length));
  return (
    <section className="lab-card">
      <header className="row spread wrap">
        <h2>{t("lab.box.title", { box: run.box })}</h2>
        {run.state === "in-transit" ? (
          <form
            className="lab-sign"
            onSubmit={(event) => {
              event.preventDefault();
              sign.mutate({ id: run.id, count: Number(count) || 0 });
            }}
          >
            <TextField
              label={t("lab.box.counted")}
              inputMode="numeric"
              value={count}
              onChange={(event) => setCount(event.target.value.replace(/\D/g, ""))}
            />
            <Button type="submit" look="primary" busy={sign.isPending}>
              {t("lab.box.sign")}
            </Button>
          </form>
        ) : arrived(run) < run.tubes.length ? (
          <Button busy={close.isPending} onClick={() => close.mutate(run.id)}>
            {t("lab.box.close")}
          </Button>
        ) : (
          <Status tone="good">{t("lab.box.complete")}</Status>
        )}
      </header>
      {run.deliveredAt ? (
        <p className="muted">
          {t("lab.box.signed", {
            name: run.receivedBy,
            time: clockTime(run.deliveredAt),
            count: run.receivedCount,
          })}
        </p>
      ) : null}
      <ProblemNotice error={sign.error ?? close.error} />
      {missing === null ? null : (
        <Notice
          tone={missing > 0 ? "warn" : "good"}
          title={t("lab.box.missing", { count: missing })}
        >
          {missing > 0 ? t("lab.box.missingHow") : null}
        </Notice>
      )}
      <ul className="lab-tubes">
        {run.tubes.map((tube) => (
          <li key={tube.code} data-here={tube.state === "in-transit" ? undefined : ""}>
            <span className="figure strong">{tube.code}</span>
            <span className="muted">{t("lab.people", { count: tube.count })}</span>
            <Status
              tone={
                tube.state === "in-transit" ? "quiet" : tube.state === "rejected" ? "bad" : "good"
              }
            >
              {t(`lab.tubeState.${tube.state}`)}
            </Status>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Problems({ notes }: { notes: Reception["notes"] }) {
  const t = useText();
  const lost = useLost();
  const [asking, setAsking] = useState<string | null>(null);
  if (notes.length === 0) return null;
  return (
    <section className="lab-card">
      <h2>{t("lab.notes.title")}</h2>
      <ProblemNotice error={lost.error} />
      <ul className="lab-notes">
        {notes.map((note) => (
          <li key={note.id}>
            <span className="row wrap">
              <Status tone={note.problem === "extra" || note.settledAt ? "quiet" : "warn"}>
                {t(note.accepted ? "lab.notes.accepted" : `lab.problem.${note.problem}`)}
              </Status>
              <span className="figure strong">{note.code}</span>
              <span className="muted">
                {note.by} · {clockTime(note.at)}
                {note.note ? ` · ${note.note}` : ""}
              </span>
            </span>
            {note.problem === "missing" && !note.settledAt ? (
              asking === note.code ? (
                <span className="row wrap">
                  <span>{t("lab.notes.sure")}</span>
                  <Button
                    look="danger"
                    busy={lost.isPending}
                    onClick={() => lost.mutate({ code: note.code, note: t("lab.notes.lostNote") })}
                  >
                    {t("lab.notes.giveUp")}
                  </Button>
                  <Button onClick={() => setAsking(null)}>{t("lab.notes.keep")}</Button>
                </span>
              ) : (
                <Button look="quiet" onClick={() => setAsking(note.code)}>
                  {t("lab.notes.giveUp")}
                </Button>
              )
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
