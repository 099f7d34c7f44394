import { Link } from "wouter";
import { useText } from "../i18n/i18n.ts";
import { CorrectTab } from "./correct.tsx";
import { ImportTab } from "./import.tsx";
import { PlatePage } from "./plate.tsx";
import { ReceptionTab } from "./reception.tsx";
import { ResultsTab } from "./results.tsx";
import "./lab.css";

export { wordsReady } from "./words.ts";

const tabs = ["reception", "results", "import", "tube"] as const;
type Tab = (typeof tabs)[number];

/** The laboratory: what comes in, what is read and released, files from instruments, one tube and its corrections. */
export function LabPage({ what, id }: { what?: string | undefined; id?: string | undefined }) {
  const t = useText();
  const tab: Tab = what === "plate" ? "results" : (tabs.find((one) => one === what) ?? "reception");
  return (
    <main id="main" className="lab">
      <header className="row spread wrap">
        <h1>{t("lab.title")}</h1>
        <nav className="lab-tabs" aria-label={t("lab.title")}>
          {tabs.map((one) => (
            <Link
              key={one}
              href={`/lab/${one}`}
              aria-current={one === tab ? "page" : undefined}
              className="lab-tab"
            >
              {t(`lab.tab.${one}`)}
            </Link>
          ))}
        </nav>
      </header>
      {what === "plate" && id ? (
        <PlatePage key={id} id={id} />
      ) : tab === "reception" ? (
        <ReceptionTab />
      ) : tab === "results" ? (
        <ResultsTab />
      ) : tab === "import" ? (
        <ImportTab />
      ) : (
        <CorrectTab key={id} code={id ?? ""} />
      )}
    </main>
  );
}
