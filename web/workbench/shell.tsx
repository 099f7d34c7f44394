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
import { Nav, type Tab } from "./nav.tsx";
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
  seesPrescriptions,
  seesSurges,
  seesTeaching,
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

const tab = (href: string, job: Tab["job"], label: string): Tab => ({ href, job, label });

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
      may("pathway.manage") ||
      may("prescription.review") ||
      may("billing.cashier") ||
      worksInSampling(session)
    );
  const tabs: Tab[] = [
    may("consult.desk") && tab("/desk", "care", t("workbench.nav.desk")),
    consults &&
      tab(
        "/mine",
        "care",
        may("consult.request") ? t("workbench.nav.requests") : t("workbench.nav.mine"),
      ),
    mayRefer(session) && tab("/referrals", "care", t("workbench.nav.referrals")),
    mayFollowUp(session) && tab("/follow-ups", "care", t("workbench.nav.followUps")),
    mayHotline(session) && tab("/hotline", "care", t("workbench.nav.hotline")),
    mayHelp(session) && tab("/helping", "care", t("workbench.nav.helping")),
    may("visit.conduct") && tab("/visits", "care", t("workbench.nav.visits")),
    seesPrescriptions(session) && tab("/prescriptions", "care", t("workbench.nav.prescriptions")),
    (may("billing.cashier") || may("billing.prices")) &&
      tab("/billing", "care", t("workbench.nav.billing")),
    seesTriage(session) && tab("/triage", "care", t("workbench.nav.triage")),
    seesFever(session) && tab("/fever", "care", t("workbench.nav.fever")),
    runsClinic(session) && tab("/clinic", "care", t("workbench.nav.clinic")),
    seesTeaching(session) && tab("/teaching", "care", t("workbench.nav.teaching")),
    runsWards(session) && tab("/beds", "places", t("workbench.nav.beds")),
    // Desks and doctors come to free beds, and to transfers, from their referrals.
    seesCapacity(session) &&
      !runsWards(session) &&
      !mayRefer(session) &&
      tab("/capacity", "places", t("workbench.nav.capacity")),
    mayManageSchedules(session) && tab("/schedules", "places", t("workbench.nav.schedules")),
    may("pathway.manage") && tab("/pathways", "rules", t("workbench.nav.pathways")),
    may("referral.board") && tab("/loops", "rules", t("workbench.nav.loops")),
    may("media.manage") && tab("/media", "rules", t("workbench.nav.media")),
    may("teaching.manage") &&
      tab("/teaching/statistics", "rules", t("workbench.nav.teachingStatistics")),
    may("directory.manage") && tab("/referral-clocks", "rules", t("workbench.nav.referralClocks")),
    may("directory.manage") && tab("/names", "rules", t("workbench.nav.names")),
    may("record.manage") && tab("/connections", "rules", t("workbench.nav.connections")),
    may("patient.join") && tab("/duplicates", "rules", t("workbench.nav.joins")),
    leadsSampling(session) && tab("/sites", "places", t("workbench.nav.sites")),
    leadsSampling(session) && tab("/recalls", "places", t("workbench.nav.recalls")),
    worksInLab(session) && tab("/lab", "places", t("workbench.nav.lab")),
    seesSurges(session) && tab("/surge", "places", t("workbench.nav.surge")),
    mayReport(session) && tab("/reporting", "care", t("workbench.nav.reporting")),
    issuesPaperCodes(session) && tab("/paper", "care", t("workbench.nav.paper")),
    seesCardPolicies(session) && tab("/card-policy", "rules", t("workbench.nav.cardPolicy")),
    consults && tab("/archive", "care", t("workbench.nav.archive")),
    may("transfer.ready-list") && tab("/ready-list", "rules", t("workbench.nav.readyList")),
    worksInSampling(session) && {
      ...tab("/sampling", "places", t("workbench.nav.sampling")),
      outside: true,
    },
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
        <Nav tabs={tabs} place={place} />
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
