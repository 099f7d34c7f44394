import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import type { Finding, Plate, ReleaseAnswer } from "../../server/lab/contract.ts";
import type { LabResultKind } from "../../server/sampling/domain.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { isTyping } from "../workbench/queue.tsx";
import { useConfirm, useLoad, usePlate, useRead, useRelease, useWithdraw } from "./queries.ts";
import { findingTone, keyOfResult, resultKeys, resultTone } from "./words.ts";

/** One plate: put tubes on, read them by keyboard, have the unclear ones looked at twice, release. */
export function PlatePage({ id }: { id: string }) {
  const plate = usePlate(id);
  if (plate.isPending) return <Skeleton lines={8} />;
  if (plate.isError)
    return <ProblemNotice error={plate.error} retry={() => void plate.refetch()} />;
  return <Wells plate={plate.data} />;
}

const openStates: readonly Finding["state"][] = ["waiting", "entered", "confirmed"];

function Wells({ plate }: { plate: Plate }) {
  const t = useText();
  const [at, setAt] = useState<string | null>(null);
  const [done, setDone] = useState<ReleaseAnswer | null>(null);
  const read = useRead(plate.id);
  const confirm = useConfirm(plate.id);
  const release = useRelease(plate.id, setDone);
  const { findings } = plate;
  const current = findings.find((one) => one.id === at) ?? null;
  const order = findings.map((one) => one.id).join();
  const unread = findings.filter((one) => one.state === "waiting").length;
  const isOpen = plate.state === "open";
  const write = (finding: Finding, result: LabResultKind) =>
    read.mutate({ readings: [{ findingId: finding.id, version: finding.version, result }] });
  const latest = useRef({ current, write, rest: () => {} });
  latest.current = {
    current,
    write,
    rest: () => unread > 0 && read.mutate({ readings: [], restNegative: true }),
  };

  useEffect(() => {
    if (!isOpen) return;
    const list = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      const step = { j: 1, arrowdown: 1, k: -1, arrowup: -1 }[key];
      if (step && list.length > 0) {
        event.preventDefault();
        setAt((id) => {
          const index = id ? list.indexOf(id) : -1;
          return list[Math.min(list.length - 1, Math.max(0, index + step))] ?? null;
        });
        return;
      }
      const result = resultKeys[key];
      const { current: chosen, write: put, rest } = latest.current;
      if (key === "n") rest();
      else if (result && chosen && openStates.includes(chosen.state)) put(chosen, result);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, isOpen]);
  useEffect(() => {
    if (at) document.getElementById(`well-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const ready = findings.filter(
    (one) => one.state === "confirmed" || (one.state === "entered" && !one.needsSecond),
  ).length;
  return (
    <>
      <header className="lab-card row spread wrap">
        <div>
          <p>
            <Link href="/lab/results">{t("lab.plate.back")}</Link>
          </p>
          <h2>{t("lab.plate.title", { code: plate.code })}</h2>
        </div>
        <div className="row wrap">
          <a
            className={buttonClass("quiet")}
            href={`/api/lab/plates/${plate.id}/results.csv`}
            download
          >
            {t("lab.plate.export")}
          </a>
          {isOpen ? (
            <>
              <Button
                disabled={unread === 0}
                busy={read.isPending}
                onClick={() => read.mutate({ readings: [], restNegative: true })}
              >
                {t("lab.plate.rest", { count: unread })} <kbd>N</kbd>
              </Button>
              <Button
                look="primary"
                disabled={ready === 0 && findings.length > 0}
                busy={release.isPending}
                onClick={() => release.mutate(null)}
              >
                {t("lab.plate.release", { count: ready })}
              </Button>
            </>
          ) : (
            <Status tone="good">{t("lab.plate.released")}</Status>
          )}
        </div>
      </header>
      <ProblemNotice error={read.error ?? confirm.error ?? release.error} />
      {done ? (
        <Notice
          tone={done.recalled > 0 ? "warn" : "good"}
          title={t("lab.plate.done", { count: done.released })}
        >
          {done.recalled > 0 ? <p>{t("lab.plate.recalled", { count: done.recalled })}</p> : null}
          {done.waiting > 0 ? <p>{t("lab.plate.left", { count: done.waiting })}</p> : null}
        </Notice>
      ) : null}
      <div className="lab-columns lab-plate">
        <section className="lab-card">
          <div className="lab-table">
            <table>
              <caption className="visually-hidden">
                {t("lab.plate.title", { code: plate.code })}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t("lab.col.tube")}</th>
                  <th scope="col">{t("lab.col.purpose")}</th>
                  <th scope="col">{t("lab.col.due")}</th>
                  <th scope="col">{t("lab.col.result")}</th>
                  <th scope="col">{t("lab.col.state")}</th>
                </tr>
              </thead>
              <tbody>
                {findings.map((finding) => (
                  <tr
                    key={finding.id}
                    id={`well-${finding.id}`}
                    data-at={finding.id === at ? "" : undefined}
                  >
                    <td>
                      <button
                        type="button"
                        className="lab-well figure"
                        aria-pressed={finding.id === at}
                        onClick={() => setAt(finding.id)}
                      >
                        {finding.tube}
                      </button>
                    </td>
                    <td>
                      {t(`lab.purpose.${finding.purpose}`)}
                      <span className="muted">
                        {" · "}
                        {t("lab.people", { count: finding.count })}
                        {finding.retest ? ` · ${t("lab.retest")}` : ""}
                      </span>
                    </td>
                    <td>
                      {finding.resultDueAt && openStates.includes(finding.state) ? (
                        <Countdown dueAt={finding.resultDueAt} />
                      ) : null}
                    </td>
                    <td>
                      {finding.result ? (
                        <Status tone={resultTone[finding.result]}>
                          {t(`lab.result.${finding.result}`)}
                        </Status>
                      ) : (
                        <span className="muted">—</span>
                      )}
                    </td>
                    <td>
                      <Status
                        tone={
                          finding.state === "entered" && finding.needsSecond
                            ? "warn"
                            : findingTone[finding.state]
                        }
                      >
                        {finding.state === "entered" && finding.needsSecond
                          ? t("lab.state.second")
                          : t(`lab.state.${finding.state}`)}
                      </Status>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {findings.length === 0 ? <p className="muted">{t("lab.plate.empty")}</p> : null}
        </section>
        <div className="stack">
          {isOpen && plate.source === "page" ? <Load id={plate.id} /> : null}
          {current ? (
            <Well
              key={current.id + current.version}
              plate={plate}
              finding={current}
              busy={confirm.isPending}
              onRead={(reading) => read.mutate({ readings: [reading] })}
              onConfirm={() => confirm.mutate({ findingId: current.id, version: current.version })}
            />
          ) : (
            <section className="lab-card">
              <p className="muted">{t("lab.plate.keys")}</p>
              <ul className="lab-keys">
                {Object.entries(resultKeys).map(([key, result]) => (
                  <li key={key}>
                    <kbd>{key.toUpperCase()}</kbd> {t(`lab.result.${result}`)}
                  </li>
                ))}
                <li>
                  <kbd>N</kbd> {t("lab.plate.restKey")}
                </li>
                <li>
                  <kbd>J</kbd> <kbd>K</kbd> {t("lab.plate.moveKey")}
                </li>
              </ul>
            </section>
          )}
        </div>
      </div>
    </>
  );
}

function Load({ id }: { id: string }) {
  const t = useText();
  const [code, setCode] = useState("");
  const load = useLoad(id, () => setCode(""));
  return (
    <section className="lab-card">
      <form
        className="lab-scan"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim()) load.mutate({ code: code.trim() });
        }}
      >
        <TextField
          label={t("lab.load.code")}
          value={code}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" busy={load.isPending}>
          {t("lab.load.put")}
        </Button>
      </form>
      <Button look="soft" busy={load.isPending} onClick={() => load.mutate({ next: 94 })}>
        {t("lab.load.next")}
      </Button>
      <ProblemNotice error={load.error} />
    </section>
  );
}

const results: readonly LabResultKind[] = [
  "negative",
  "positive",
  "grey-zone",
  "single-target",
  "rejected",
];

function Well({
  plate,
  finding,
  busy,
  onRead,
  onConfirm,
}: {
  plate: Plate;
  finding: Finding;
  busy: boolean;
  onRead: (reading: {
    findingId: string;
    version: number;
    result: LabResultKind;
    ctOrf: number | null;
    ctN: number | null;
    reason: string | null;
  }) => void;
  onConfirm: () => void;
}) {
  const t = useText();
  const withdraw = useWithdraw(plate.id);
  const text = (value: unknown) => (typeof value === "number" ? String(value) : "");
  const [ctOrf, setCtOrf] = useState(text(finding.detail.ctOrf));
  const [ctN, setCtN] = useState(text(finding.detail.ctN));
  const [reason, setReason] = useState(finding.reason ?? "");
  const [asking, setAsking] = useState<"rejected" | "withdraw" | null>(null);
  const isOpen = plate.state === "open" && openStates.includes(finding.state);
  const number = (value: string) =>
    value && Number.isFinite(Number(value)) ? Number(value) : null;
  const put = (result: LabResultKind) =>
    onRead({
      findingId: finding.id,
      version: finding.version,
      result,
      ctOrf: number(ctOrf),
      ctN: number(ctN),
      reason: result === "rejected" || finding.corrects ? reason || null : null,
    });
  return (
    <section className="lab-card stack">
      <h3 className="figure">{finding.tube}</h3>
      <p className="muted">
        {finding.result
          ? t("lab.well.readBy", { name: finding.enteredBy })
          : t("lab.well.putBy", { name: finding.enteredBy })}
        {finding.secondBy ? ` · ${t("lab.well.secondBy", { name: finding.secondBy })}` : ""}
        {finding.reason ? ` · ${finding.reason}` : ""}
      </p>
      {finding.corrects ? <Notice tone="info" live={false} title={t("lab.well.corrects")} /> : null}
      {finding.mayConfirm && isOpen ? (
        <Button look="primary" busy={busy} onClick={onConfirm}>
          {t("lab.well.confirm", { result: t(`lab.result.${finding.result!}`) })}
        </Button>
      ) : finding.needsSecond && finding.state === "entered" ? (
        <Notice tone="warn" live={false} title={t("lab.well.needsOther")} />
      ) : null}
      {isOpen ? (
        <>
          <div className="lab-ct">
            <TextField
              label="Ct ORF1ab"
              inputMode="decimal"
              value={ctOrf}
              onChange={(event) => setCtOrf(event.target.value)}
            />
            <TextField
              label="Ct N"
              inputMode="decimal"
              value={ctN}
              onChange={(event) => setCtN(event.target.value)}
            />
          </div>
          <div className="lab-results">
            {results.map((result) => (
              <Button
                key={result}
                look={finding.result === result ? "soft" : "plain"}
                onClick={() => (result === "rejected" ? setAsking("rejected") : put(result))}
              >
                {t(`lab.result.${result}`)}{" "}
                {keyOfResult(result) ? <kbd>{keyOfResult(result)?.toUpperCase()}</kbd> : null}
              </Button>
            ))}
          </div>
          {asking ? (
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                if (!reason.trim()) return;
                if (asking === "rejected") put("rejected");
                else
                  withdraw.mutate({
                    findingId: finding.id,
                    version: finding.version,
                    reason: reason.trim(),
                  });
              }}
            >
              <TextField
                label={t(asking === "rejected" ? "lab.well.whyReject" : "lab.well.whyOff")}
                value={reason}
                maxLength={200}
                autoFocus
                onChange={(event) => setReason(event.target.value)}
              />
              <div className="row wrap">
                <Button type="submit" look="danger" busy={withdraw.isPending}>
                  {t(asking === "rejected" ? "lab.result.rejected" : "lab.well.off")}
                </Button>
                <Button onClick={() => setAsking(null)}>{t("lab.notes.keep")}</Button>
              </div>
            </form>
          ) : (
            <Button look="quiet" onClick={() => setAsking("withdraw")}>
              {t("lab.well.off")}
            </Button>
          )}
          <ProblemNotice error={withdraw.error} />
        </>
      ) : null}
    </section>
  );
}
