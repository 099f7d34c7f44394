import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useId } from "react";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { type UploadPurpose, useUploads } from "../api/upload.ts";
import { Attachments } from "../consult/facts.tsx";
import { consultKey } from "../consult/queries.ts";
import { sizeWords } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Status } from "../design/components/status.tsx";
import { check, offline, retry, warning } from "../design/icons.ts";
import { close, upload } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import "./attach.css";

/** Pictures and papers to send along: they go piece by piece and resume where a lost line stopped them. */
export function Attach({ consult, purpose }: { consult: ConsultDetail; purpose: UploadPurpose }) {
  const t = useText();
  const id = useId();
  const client = useQueryClient();
  const done = useCallback(
    () => void client.invalidateQueries({ queryKey: consultKey(consult.id), exact: true }),
    [client, consult.id],
  );
  const uploads = useUploads(consult.id, purpose, done);
  const here = new Set(consult.attachments.map((item) => item.id));
  const moving = uploads.items.filter(
    (item) => item.state !== "done" || !here.has(item.attachmentId ?? ""),
  );
  return (
    <div className="attach">
      <Attachments
        list={consult.attachments.filter(
          (item) => item.purpose === purpose && item.state === "complete",
        )}
      />
      <ul className="attach-list">
        {moving.map((item) => {
          const percent = Math.floor((item.sentBytes / Math.max(1, item.sizeBytes)) * 100);
          return (
            <li key={item.key} className="attach-item">
              <span className="grow">
                <span className="attach-name">{item.name}</span>
                <progress
                  max={100}
                  value={percent}
                  aria-label={t("workbench.attach.progress", { name: item.name })}
                />
                <span className="small">
                  {item.state === "done" ? (
                    <Status tone="good" icon={check}>
                      {t("workbench.attach.done")}
                    </Status>
                  ) : item.state === "failed" ? (
                    <Status tone="bad" icon={warning}>
                      {t("workbench.attach.failed", { percent })}
                    </Status>
                  ) : item.state === "waiting" ? (
                    <Status tone="warn" icon={offline}>
                      {t("workbench.attach.waiting", { percent })}
                    </Status>
                  ) : (
                    <span className="muted figure">
                      {t("workbench.attach.sending", {
                        sent: sizeWords(item.sentBytes),
                        size: sizeWords(item.sizeBytes),
                        percent,
                      })}
                    </span>
                  )}
                </span>
              </span>
              {item.state === "failed" || item.state === "waiting" ? (
                <Button size="small" icon={retry} onClick={() => void uploads.retry(item.key)}>
                  {t("workbench.attach.resume")}
                </Button>
              ) : null}
              {item.state === "done" ? null : (
                <Button
                  look="quiet"
                  size="small"
                  icon={close}
                  onClick={() => uploads.cancel(item.key)}
                >
                  {t("common.remove")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <div className="attach-choose">
        <input
          id={id}
          type="file"
          multiple
          accept="image/*,application/pdf,.dcm"
          className="attach-input"
          onChange={(event) => {
            uploads.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <label htmlFor={id} className="button button-plain">
          <Icon path={upload} />
          <span>{t("workbench.attach.choose")}</span>
        </label>
        <p className="field-hint">{t("workbench.attach.hint")}</p>
      </div>
    </div>
  );
}
