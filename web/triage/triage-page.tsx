import { Link } from "wouter";
import type { StaffView } from "../api/session.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { Desk } from "./desk.tsx";
import { RulesPage } from "./rules-page.tsx";
import "./desk.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/triage/zh-CN"),
  bo: () => import("virtual:messages/triage/bo"),
  en: () => import("virtual:messages/triage/en"),
});

/** Triage at the desk, and the rules behind it. */
export function TriagePage({ session, what }: { session: StaffView; what: string | null }) {
  const t = useText();
  const assesses = session.permissions.includes("triage.assess");
  const writes = session.permissions.includes("triage.rules");
  const rules = writes && (what === "rules" || !assesses);
  return (
    <main id="main" className="triage-desk">
      <header className="row spread">
        <div>
          <h1>{t(rules ? "triage.rules.title" : "triage.title")}</h1>
          <p className="muted">{t(rules ? "triage.rules.how" : "triage.how")}</p>
        </div>
        {assesses && writes ? (
          <nav className="triage-tabs" aria-label={t("triage.parts")}>
            <Link href="/triage" aria-current={rules ? undefined : "page"}>
              {t("triage.title")}
            </Link>
            <Link href="/triage/rules" aria-current={rules ? "page" : undefined}>
              {t("triage.rules.title")}
            </Link>
          </nav>
        ) : null}
      </header>
      {rules ? <RulesPage /> : <Desk session={session} />}
    </main>
  );
}
