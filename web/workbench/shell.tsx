import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { type LiveState, useLiveState, useOnline } from "../api/live.ts";
import type { StaffView } from "../api/session.ts";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { offline } from "../design/icons.ts";
import { line, lock, search, thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { InstitutionSwitch } from "./institution-switch.tsx";
import { Notices } from "./notices.tsx";
import { Palette } from "./palette.tsx";
import {
  issuesPaperCodes,
  leadsSampling,
  mayConsult,
  mayFollowUp,
  mayHelp,
  mayHotline,
  mayManageSchedules,
  mayRefer,
  mayReport,
  runsClinic,
  runsWards,
  seesCapacity,
  seesCardPolicies,
  seesFever,
  seesSurges,
  seesTriage,
  worksInLab,
  worksInSampling,
} from "./rights.ts";
import "./shell.css";

const liveLook: Record<LiveState | "cut", { tone: Tone; icon: string }> = {
  live: { tone: "good", icon: line },
  waiting: { tone: "warn", icon: thinLine },
  off: { tone: "quiet", icon: line },
  cut: { tone: "warn", icon: offline },
};

/** The frame of every workbench page: where I am, who I am, whether the line holds, and one search for all. */
export function Shell({
  session,
  onLock,
  children,
}: {
  session: StaffView & { demo: boolean };
  onLock: () => void;
  children: ReactNode;
}) {
  const t = useText();
  const [searching, setSearching] = useState(false);
  const online = useOnline();
  const live = useLiveState();
  const [place, go] = useLocation();
  const state = online ? live : "cut";
  const may = (permission: string) => session.permissions.includes(permission);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSearching(true);
      }
      if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "l") {
        event.preventDefault();
        onLock();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onLock]);

  const consults =
    mayConsult(session) ||
    !(
      mayReport(session) ||
      mayRefer(session) ||
      runsClinic(session) ||
      mayManageSchedules(session) ||
      mayHotline(session) ||
      mayHelp(session) ||
      worksInSampling(session)
    );
  const tabs = [
    may("consult.desk") && ({ href: "/desk", label: t("workbench.nav.desk") } as const),
    consults &&
      ({
        href: "/mine",
        label: may("consult.request") ? t("workbench.nav.requests") : t("workbench.nav.mine"),
      } as const),
    mayRefer(session) && ({ href: "/referrals", label: t("workbench.nav.referrals") } as const),
    mayFollowUp(session) && ({ href: "/follow-ups", label: t("workbench.nav.followUps") } as const),
    mayHotline(session) && ({ href: "/hotline", label: t("workbench.nav.hotline") } as const),
    mayHelp(session) && ({ href: "/helping", label: t("workbench.nav.helping") } as const),
    seesTriage(session) && ({ href: "/triage", label: t("workbench.nav.triage") } as const),
    seesFever(session) && ({ href: "/fever", label: t("workbench.nav.fever") } as const),
    runsClinic(session) && ({ href: "/clinic", label: t("workbench.nav.clinic") } as const),
    runsWards(session) && ({ href: "/beds", label: t("workbench.nav.beds") } as const),
    // Desks and doctors come to free beds, and to transfers, from their referrals.
    seesCapacity(session) &&
      !runsWards(session) &&
      !mayRefer(session) &&
      ({ href: "/capacity", label: t("workbench.nav.capacity") } as const),
    mayManageSchedules(session) &&
      ({ href: "/schedules", label: t("workbench.nav.schedules") } as const),
    may("referral.board") && ({ href: "/loops", label: t("workbench.nav.loops") } as const),
    may("directory.manage") &&
      ({ href: "/referral-clocks", label: t("workbench.nav.referralClocks") } as const),
    may("directory.manage") && ({ href: "/names", label: t("workbench.nav.names") } as const),
    may("record.manage") &&
      ({ href: "/connections", label: t("workbench.nav.connections") } as const),
    leadsSampling(session) && ({ href: "/sites", label: t("workbench.nav.sites") } as const),
    leadsSampling(session) && ({ href: "/recalls", label: t("workbench.nav.recalls") } as const),
    worksInLab(session) && ({ href: "/lab", label: t("workbench.nav.lab") } as const),
    seesSurges(session) && ({ href: "/surge", label: t("workbench.nav.surge") } as const),
    mayReport(session) && ({ href: "/reporting", label: t("workbench.nav.reporting") } as const),
    issuesPaperCodes(session) && ({ href: "/paper", label: t("workbench.nav.paper") } as const),
    seesCardPolicies(session) &&
      ({ href: "/card-policy", label: t("workbench.nav.cardPolicy") } as const),
    consults && ({ href: "/archive", label: t("workbench.nav.archive") } as const),
  ].filter((tab) => tab !== false);

  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {t("common.skip")}
      </a>
      <header className="shell-head">
        <div className="shell-where">
          <span className="brand">{t("common.brand")}</span>
          <InstitutionSwitch session={session} />
        </div>
        <nav className="shell-nav" aria-label={t("workbench.nav.label")}>
          {tabs.map((tab) => (
            <Link
              key={tab.href}
              href={tab.href}
              aria-current={place.startsWith(tab.href) ? "page" : undefined}
            >
              {tab.label}
            </Link>
          ))}
          {worksInSampling(session) ? <a href="/sampling">{t("workbench.nav.sampling")}</a> : null}
        </nav>
        <button type="button" className="shell-search" onClick={() => setSearching(true)}>
          <Icon path={search} />
          <span className="grow">{t("workbench.search.open")}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <div className="shell-who">
          <span role="status">
            <Status tone={liveLook[state].tone} icon={liveLook[state].icon}>
              {t(`workbench.line.${state}`)}
            </Status>
          </span>
          <Notices />
          <LanguageSwitch />
          <Link
            href="/account"
            className="shell-person"
            aria-current={place.startsWith("/account") ? "page" : undefined}
          >
            <span className="strong">{session.person.name}</span>
            {session.person.title ? (
              <span className="muted small">{session.person.title}</span>
            ) : null}
          </Link>
          <button
            type="button"
            className="shell-lock"
            onClick={onLock}
            title={t("workbench.lock.hint")}
          >
            <Icon path={lock} />
            <span>{t("workbench.lock.action")}</span>
          </button>
        </div>
      </header>
      {online ? null : (
        <div className="shell-banner">
          <Notice tone="warn" icon={offline} title={t("common.offline.title")}>
            {t("workbench.offline.kept")}
          </Notice>
        </div>
      )}
      {children}
      {searching ? (
        <Palette session={session} onClose={() => setSearching(false)} onGo={go} onLock={onLock} />
      ) : null}
    </div>
  );
}
