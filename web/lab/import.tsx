import { type ChangeEvent, useState } from "react";
import { Link } from "wouter";
import type { ImportAnswer, ImportPreview } from "../../server/lab/contract.ts";
import type { LabResultKind } from "../../server/sampling/domain.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { type ResultFile, usePreview, useTake } from "./queries.ts";
import { resultTone } from "./words.ts";

/** A file from an instrument: seen first, taken then; bad rows are listed by line with what to do. */
export function ImportTab() {
  const t = useText();
  const [file, setFile] = useState<ResultFile | null>(null);
  const [done, setDone] = useState<ImportAnswer | null>(null);
  const preview = usePreview();
  const take = useTake((answer) => setDone(answer));
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = event.target.files ?? [];
    event.target.value = "";
    if (!chosen) return;
    const next = { fileName: chosen.name, content: await base64(chosen) };
    setDone(null);
    take.reset();
    setFile(next);
    preview.mutate(next);
  };
  return (
    <div className="lab-columns">
      <section className="lab-card stack">
        <h2>{t("lab.import.title")}</h2>
        <p>{t("lab.import.how")}</p>
        <label className={`${buttonClass(file ? "plain" : "primary")} lab-file`}>
          <span>{t("lab.import.choose")}</span>
          <input
            type="file"
            accept=".csv,.txt,text/csv"
            className="visually-hidden"
            onChange={(event) => void choose(event)}
          />
        </label>
        <ProblemNotice error={preview.error ?? take.error} />
        {done ? (
          <Notice
            tone="good"
            title={
              done.repeated
                ? t("lab.import.repeated", { count: done.taken })
                : t("lab.import.done", { count: done.taken })
            }
            action={
              done.plateId ? (
                <Link href={`/lab/plate/${done.plateId}`} className={buttonClass("primary")}>
                  {t("lab.import.toPlate")}
                </Link>
              ) : undefined
            }
          >
            {done.refused.length > 0
              ? t("lab.import.refusedCount", { count: done.refused.length })
              : null}
          </Notice>
        ) : preview.data && file ? (
          <Preview
            name={file.fileName}
            preview={preview.data}
            busy={take.isPending}
            onTake={() => take.mutate(file)}
          />
        ) : null}
      </section>
      <div className="stack">
        {preview.data ? (
          <Refused rows={(done ?? preview.data).refused} />
        ) : (
          <section className="lab-card stack">
            <h2>{t("lab.import.columns")}</h2>
            <dl className="lab-columns-list">
              {(
                ["tube", "result", "tested_at", "method", "ct_orf1ab", "ct_n", "reason"] as const
              ).map((column) => (
                <div key={column}>
                  <dt className="figure">{column}</dt>
                  <dd>{t(`lab.column.${column}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        )}
      </div>
    </div>
  );
}

function Preview({
  name,
  preview,
  busy,
  onTake,
}: {
  name: string;
  preview: ImportPreview;
  busy: boolean;
  onTake: () => void;
}) {
  const t = useText();
  return (
    <div className="stack">
      <h3>{name}</h3>
      <p className="muted">
        {t("lab.import.rows", { rows: preview.rows, encoding: preview.encoding.toUpperCase() })}
      </p>
      <div className="row wrap">
        {(Object.entries(preview.counts) as [LabResultKind, number][]).map(([result, count]) => (
          <Status key={result} tone={resultTone[result]}>
            {t(`lab.result.${result}`)} <span className="figure">{count}</span>
          </Status>
        ))}
        {preview.unchanged > 0 ? (
          <Status tone="quiet">{t("lab.import.unchanged", { count: preview.unchanged })}</Status>
        ) : null}
        {preview.refused.length > 0 ? (
          <Status tone="warn">
            {t("lab.import.refusedCount", { count: preview.refused.length })}
          </Status>
        ) : null}
      </div>
      {preview.takenAt ? (
        <Notice
          tone="info"
          live={false}
          title={t("lab.import.before", { time: dayTime(preview.takenAt) })}
        />
      ) : null}
      {preview.good > 0 || preview.takenAt ? (
        <Button look="primary" busy={busy} onClick={onTake}>
          {t("lab.import.take", { count: preview.good })}
        </Button>
      ) : (
        <Notice tone="warn" live={false} title={t("lab.import.nothing")} />
      )}
      <p className="muted">{t("lab.import.notReleased")}</p>
    </div>
  );
}

function Refused({ rows }: { rows: ImportPreview["refused"] }) {
  const t = useText();
  if (rows.length === 0)
    return (
      <section className="lab-card">
        <Status tone="good">{t("lab.import.allGood")}</Status>
      </section>
    );
  return (
    <section className="lab-card">
      <h2>{t("lab.import.refused", { count: rows.length })}</h2>
      <ol className="lab-refused">
        {rows.slice(0, 500).map((row) => (
          <li key={`${row.line}-${row.problem}`}>
            <span className="strong figure">{t("lab.import.line", { line: row.line })}</span>{" "}
            <span className="figure">{row.tube || "—"}</span>
            <p>{t(`lab.row.${row.problem}`, { value: row.value })}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A file's bytes for JSON; a megabyte at most, so in one go. */
async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}
