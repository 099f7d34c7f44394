import { useSession } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { file } from "../design/icons.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { Emergency } from "./emergency.tsx";
import { Sections } from "./sections.tsx";
import { Sources } from "./sources.tsx";
import { useRecord } from "./use-record.ts";
import "../consult/consult.css";
import "./record.css";

/** The words come with the record, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/record/zh-CN"),
  bo: () => import("virtual:messages/record/bo"),
  en: () => import("virtual:messages/record/en"),
});

/** One patient's record from every house that holds something, each item with source and date. */
export function FederatedRecord({
  patientId,
  beside = false,
}: {
  patientId: string;
  /** Beside something else: with a way to a page of its own. */
  beside?: boolean;
}) {
  const t = useText();
  const session = useSession();
  const view = useRecord(patientId);
  const { state } = view;
  const mayOpen =
    session.data?.kind === "staff" && session.data.permissions.includes("record.emergency");
  return (
    <div className="record stack stack-4" aria-busy={view.isReading}>
      {view.error ? <ProblemNotice error={view.error} retry={view.reload} /> : null}
      {!state.isOpen && !view.error ? <Skeleton lines={5} /> : null}
      {state.isOpen ? (
        <>
          {state.sources.length === 0 ? (
            <Empty icon={file} title={t("record.empty.title")}>
              {t("record.empty.how")}
            </Empty>
          ) : (
            <Sources view={view} />
          )}
          {state.isUnjoined ? (
            <p>
              <Status tone="info">{t("record.unjoined")}</Status>
            </p>
          ) : null}
          {mayOpen ? <Emergency view={view} /> : null}
          {state.sources.length > 0 || state.items.size > 0 ? (
            <Sections state={state} isReading={view.isReading} />
          ) : null}
        </>
      ) : null}
      {beside ? (
        <p>
          <a
            className={buttonClass("quiet", { size: "small" })}
            href={`/workbench/record/${patientId}`}
            target="_blank"
            rel="noreferrer"
          >
            {t("record.openPage")}
          </a>
        </p>
      ) : null}
      <p className="visually-hidden" role="status">
        {view.isReading || !state.isOpen
          ? ""
          : t("record.told", {
              count: state.items.size,
              down: state.sources.filter((one) => one.outcome?.state === "down").length,
            })}
      </p>
    </div>
  );
}
