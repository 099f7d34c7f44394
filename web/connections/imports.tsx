import { useId, useState } from "react";
import { Button, buttonClass } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import {
  type Import,
  isOpen,
  useCancelImport,
  useImport,
  useImports,
  useSendFile,
} from "./queries.ts";

const tones = {
  receiving: "info",
  waiting: "info",
  running: "info",
  done: "good",
  failed: "bad",
  cancelled: "quiet",
} as const;

/** Files of records: sent in parts, taken in by the server, what was left out said by line. */
export function Imports() {
  const t = useText();
  const imports = useImports();
  const [sent, setSent] = useState(0);
  const send = useSendFile(setSent);
  const field = useId();
  return (
    <section className="connections-card" aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>{t("connections.imports")}</h2>
      <p className="muted">{t("connections.importsHow")}</p>
      <div className="connections-send">
        <label htmlFor={field}>{t("connections.file")}</label>
        <input
          id={field}
          type="file"
          className="field-input"
          accept=".ndjson,.jsonl,.json"
          disabled={send.isPending}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (!file || file.size === 0) return;
            setSent(0);
            send.mutate(file);
            event.target.value = "";
          }}
        />
        {send.isPending ? (
          <p role="status" className="row">
            <progress max={100} value={sent} aria-label={t("connections.sending")} />
            {t("connections.sent", { percent: sent })}
          </p>
        ) : null}
      </div>
      <ProblemNotice error={send.error ?? imports.error} retry={() => void imports.refetch()} />
      {imports.isPending ? <Skeleton lines={3} /> : null}
      {imports.data?.imports.length === 0 ? (
        <p className="muted">{t("connections.noImports")}</p>
      ) : null}
      <ul className="connections-list">
        {imports.data?.imports.map((one) => (
          <ImportRow key={one.id} item={one} />
        ))}
      </ul>
    </section>
  );
}

function ImportRow({ item }: { item: Import }) {
  const t = useText();
  const cancel = useCancelImport();
  const [opened, setOpened] = useState(false);
  return (
    <li>
      <div className="row spread">
        <div>
          <h3>{item.name}</h3>
          <p className="muted">
            {[dateTime(item.createdAt), item.by].filter((one) => one !== null).join(" · ")}
          </p>
        </div>
        <Status tone={tones[item.state]}>{t(`connections.import.${item.state}`)}</Status>
      </div>
      {isOpen(item) && item.state !== "receiving" ? (
        <p className="row" role="status">
          <progress
            max={100}
            value={item.percent}
            aria-label={t("connections.progressOf", { name: item.name })}
          />
          {item.percent}%
        </p>
      ) : null}
      <dl className="connections-figures">
        <div>
          <dt>{t("connections.taken")}</dt>
          <dd>{item.done}</dd>
        </div>
        <div>
          <dt>{t("connections.unchanged")}</dt>
          <dd>{item.unchanged}</dd>
        </div>
        <div>
          <dt>{t("connections.leftOut")}</dt>
          <dd>{item.failed}</dd>
        </div>
      </dl>
      <div className="row">
        {item.failed > 0 ? (
          <>
            <Button look="soft" aria-expanded={opened} onClick={() => setOpened(!opened)}>
              {t("connections.why")}
            </Button>
            <a
              className={buttonClass("plain")}
              href={`/api/record-imports/${item.id}/report.csv`}
              download
            >
              {t("connections.report")}
            </a>
          </>
        ) : null}
        {isOpen(item) ? (
          <Button look="quiet" busy={cancel.isPending} onClick={() => cancel.mutate(item.id)}>
            {t("connections.cancel")}
          </Button>
        ) : null}
      </div>
      <ProblemNotice error={cancel.error} />
      {opened ? <Faults item={item} /> : null}
    </li>
  );
}

function Faults({ item }: { item: Import }) {
  const t = useText();
  const detail = useImport(item.id, isOpen(item));
  if (detail.isPending) return <Skeleton lines={3} />;
  return (
    <>
      <ProblemNotice error={detail.error} retry={() => void detail.refetch()} />
      <div className="connections-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("connections.line")}</th>
              <th scope="col">{t("connections.what")}</th>
              <th scope="col">{t("connections.why")}</th>
            </tr>
          </thead>
          <tbody>
            {detail.data?.faults.map((one) => (
              <tr key={`${one.line}/${one.entry}/${one.reason}`}>
                <th scope="row">
                  {one.entry === null ? one.line : `${one.line} / ${one.entry + 1}`}
                </th>
                <td>{[one.type, one.id].filter((part) => part !== null).join("/") || "—"}</td>
                <td>
                  {t(`connections.fault.${one.reason}`)}
                  {one.detail ? <p className="muted">{one.detail}</p> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {item.failed > (detail.data?.faults.length ?? 0) ? (
        <p className="muted">{t("connections.moreInReport", { count: item.failed })}</p>
      ) : null}
    </>
  );
}
