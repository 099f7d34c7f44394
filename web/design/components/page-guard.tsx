import { Component, type ReactNode } from "react";
import { useText } from "../../i18n/i18n.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** A reload that did not help is not tried again within this time. */
const pauseMs = 30_000;
const triedKey = "yilian.reloaded";

/** A part of the page that could not be fetched: a thin line, or an update that took the file away. */
function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|module script|preload CSS|failed to fetch/i.test(error.message)
  );
}

/** React may tell of one failure twice before the page is gone. */
let reloading = false;

/** Reloads once by itself where nobody is talking: what was typed is kept as a draft. */
function reloadOnce(): boolean {
  if (reloading) return true;
  if (!navigator.onLine || location.pathname.startsWith("/room")) return false;
  const before = Number(sessionStorage.getItem(triedKey) ?? 0);
  if (Date.now() - before < pauseMs) return false;
  sessionStorage.setItem(triedKey, String(Date.now()));
  reloading = true;
  location.reload();
  return true;
}

type Guarded = { broken: "no" | "yes" | "reloading" };

/** Whatever breaks a page, its reader is told, and is one press from going on; never an empty page. */
export class PageGuard extends Component<{ children: ReactNode }, Guarded> {
  override state: Guarded = { broken: "no" };

  static getDerivedStateFromError(error: unknown): Guarded {
    return { broken: isMissingPart(error) && reloadOnce() ? "reloading" : "yes" };
  }

  override render() {
    if (this.state.broken === "no") return this.props.children;
    return this.state.broken === "yes" ? <Broken /> : null;
  }
}

function Broken() {
  const t = useText();
  return (
    <main id="main" className="phone-page">
      <h1 className="visually-hidden">{t("common.error.page")}</h1>
      <Notice
        tone="bad"
        title={t("common.error.page")}
        action={
          <Button look="primary" onClick={() => location.reload()}>
            {t("common.retry")}
          </Button>
        }
      >
        {t("common.error.pageDetail")}
      </Notice>
    </main>
  );
}
