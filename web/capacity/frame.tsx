import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { StaffView } from "../api/session.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import "./capacity.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/capacity/zh-CN"),
  bo: () => import("virtual:messages/capacity/bo"),
  en: () => import("virtual:messages/capacity/en"),
});

/** Title and the ways between the pages of beds. */
export function CapacityFrame({
  session,
  title,
  how,
  aside,
  children,
}: {
  session: StaffView;
  title: string;
  how?: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const t = useText();
  const [place] = useLocation();
  const may = (permission: string) => session.permissions.includes(permission);
  const ways = [
    { href: "/beds", label: t("capacity.nav.beds"), shown: true },
    { href: "/beds/absences", label: t("capacity.nav.absences"), shown: may("capacity.manage") },
    {
      href: "/beds/switch",
      label: t("capacity.nav.switch"),
      shown: may("capacity.switch") || may("capacity.manage"),
    },
    { href: "/capacity", label: t("capacity.nav.alliance"), shown: true },
  ].filter((one) => one.shown);
  return (
    <main id="main" className="capacity">
      <header className="row spread">
        <div>
          <h1>{title}</h1>
          {how ? <p className="muted">{how}</p> : null}
        </div>
        {aside}
      </header>
      <nav className="capacity-ways" aria-label={t("capacity.nav")}>
        {ways.map((one) => (
          <Link
            key={one.href}
            href={one.href}
            aria-current={place === one.href ? "page" : undefined}
          >
            {one.label}
          </Link>
        ))}
      </nav>
      {children}
    </main>
  );
}
