import { Link } from "wouter";
import type { StaffView } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { left } from "../design/icons.ts";
import { line } from "../design/icons-work.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { CriticalValuePage } from "./critical-value-page.tsx";
import { Inbox } from "./inbox.tsx";
import { RaiseForm } from "./raise-form.tsx";
import { ReportForm } from "./report-form.tsx";
import { ReportPage } from "./report-page.tsx";
import "./reporting.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/reporting/zh-CN"),
  bo: () => import("virtual:messages/reporting/bo"),
  en: () => import("virtual:messages/reporting/en"),
});

export type Opened =
  | { kind: "none" }
  | { kind: "value" | "case"; id: string }
  | { kind: "new-value" | "new-case" };

/** Left what waits by its clock, in the middle the value or case at hand, right who did what. */
export function ReportingPage({ session, opened }: { session: StaffView; opened: Opened }) {
  const t = useText();
  if (opened.kind === "none") {
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          <Inbox session={session} selected={null} />
        </main>
        <aside className="bench-main" aria-label={t("reporting.choose.title")}>
          <Empty icon={line} title={t("reporting.choose.title")}>
            {t("reporting.choose.how")} <kbd>J</kbd> <kbd>K</kbd>
          </Empty>
        </aside>
      </div>
    );
  }
  const back = (
    <Link
      href="/reporting"
      className={buttonClass("quiet", { className: "only-narrow align-start" })}
    >
      <Icon path={left} /> <span>{t("workbench.back")}</span>
    </Link>
  );
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue" aria-label={t("reporting.title")}>
        <Inbox session={session} selected={"id" in opened ? opened.id : null} />
      </aside>
      {opened.kind === "value" ? <CriticalValuePage id={opened.id} back={back} /> : null}
      {opened.kind === "case" ? <ReportPage id={opened.id} back={back} /> : null}
      {opened.kind === "new-value" ? <RaiseForm session={session} back={back} /> : null}
      {opened.kind === "new-case" ? <ReportForm back={back} /> : null}
    </div>
  );
}
