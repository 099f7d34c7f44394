import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { StaffView } from "../../api/session.ts";
import { addWords, useText } from "../../i18n/i18n.ts";
import "./plan.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/teachingPlan/zh-CN"),
  bo: () => import("virtual:messages/teachingPlan/bo"),
  en: () => import("virtual:messages/teachingPlan/en"),
});

/** Title and the ways between the pages of teaching. */
export function TeachingFrame({
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
    { href: "/teaching", label: t("teaching.nav.sessions"), shown: true },
    { href: "/teaching/past", label: t("teaching.nav.past"), shown: true },
    { href: "/teaching/series", label: t("teaching.nav.series"), shown: true },
    { href: "/teaching/reviews", label: t("teaching.nav.reviews"), shown: may("teaching.review") },
    { href: "/teaching/certificates", label: t("teaching.nav.certificates"), shown: true },
    { href: "/teaching/house", label: t("teaching.nav.house"), shown: may("teaching.manage") },
  ].filter((one) => one.shown);
  return (
    <main id="main" className="teaching">
      <header className="row spread">
        <div>
          <h1>{title}</h1>
          {how ? <p className="muted">{how}</p> : null}
        </div>
        {aside}
      </header>
      <nav className="teaching-ways" aria-label={t("teaching.nav")}>
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
