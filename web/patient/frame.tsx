import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { calendar, file, home, offline, person } from "../design/icons.ts";
import { usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";
import { useOnline } from "./online.ts";

/** One column, four places at the thumb; on the road to a booking its own step stands there instead. */
export function Frame({ children }: { children: ReactNode }) {
  const t = useText();
  const [place] = useLocation();
  const online = useOnline();
  const { elder } = usePreferences();
  const tabs = [
    { href: "/", icon: home, label: t("patient.tab.home"), here: place === "/" },
    {
      href: "/appointments",
      icon: calendar,
      label: t("patient.tab.appointments"),
      here: place.startsWith("/appointments"),
    },
    {
      href: "/records",
      icon: file,
      label: t("patient.tab.records"),
      here: place.startsWith("/record") || place.startsWith("/results"),
    },
    {
      href: "/me",
      icon: person,
      label: t("patient.tab.me"),
      here: place === "/me" || place === "/access",
    },
  ];
  return (
    <div className="phone">
      <a className="skip-link" href="#main">
        {t("common.skip")}
      </a>
      {online ? null : (
        <div className="phone-banner">
          <Notice tone="warn" icon={offline} title={t("common.offline.title")}>
            {t("patient.offline.kept")}
          </Notice>
        </div>
      )}
      {children}
      {(elder && place === "/") || /^\/(book|fever|triage)/.test(place) ? null : (
        <nav className="phone-tabs no-print" aria-label={t("patient.tab.label")}>
          {tabs.map((tab) => (
            <Link key={tab.href} href={tab.href} aria-current={tab.here ? "page" : undefined}>
              <Icon path={tab.icon} />
              <span>{tab.label}</span>
            </Link>
          ))}
        </nav>
      )}
    </div>
  );
}
