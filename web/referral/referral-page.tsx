import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import type { StaffView } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { left } from "../design/icons.ts";
import { arrow } from "../design/icons-work.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { ClosedDepartments } from "./closed-departments.tsx";
import { Lists, scopesOf } from "./lists.tsx";
import { NewReferral } from "./new-referral.tsx";
import { OpenReferral } from "./open-referral.tsx";
import { type Scope, useReferral } from "./queries.ts";
import "./referral.css";

export { FollowUpsPage } from "./follow-ups-page.tsx";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/referral/zh-CN"),
  bo: () => import("virtual:messages/referral/bo"),
  en: () => import("virtual:messages/referral/en"),
});

/** Left what waits by its clock, in the middle the referral at hand, right its whole episode. */
export function ReferralPage({ id, session }: { id: string | null; session: StaffView }) {
  const t = useText();
  const scopes = scopesOf(session);
  const [chosen, setScope] = useState<Scope | null>(null);
  const opened = useReferral(id === "new" ? null : id).data;
  const scope = chosen ?? (opened && listOf(opened, scopes)) ?? scopes[0] ?? "sent";
  const lists = (
    <Lists
      session={session}
      scopes={scopes}
      scope={scope}
      onScope={setScope}
      selected={id === "new" ? null : id}
      level={id ? 2 : 1}
    />
  );
  if (!id)
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          <ClosedDepartments />
          {lists}
        </main>
        <aside className="bench-main" aria-label={t("referral.choose.title")}>
          <Empty icon={arrow} title={t("referral.choose.title")}>
            {t("referral.choose.how")} <kbd>J</kbd> <kbd>K</kbd>
          </Empty>
        </aside>
      </div>
    );
  const back: ReactNode = (
    <Link
      href="/referrals"
      className={buttonClass("quiet", { className: "only-narrow align-start" })}
    >
      <Icon path={left} /> <span>{t("workbench.back")}</span>
    </Link>
  );
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue" aria-label={t("referral.title")}>
        {lists}
      </aside>
      {id === "new" ? (
        <NewReferral back={back} />
      ) : (
        <OpenReferral key={id} id={id} session={session} back={back} />
      )}
    </div>
  );
}

const here = ["arrived", "admitted", "ready-for-down", "sent-down", "continued-in-community"];

/** The list on which the opened one stands, until somebody chooses another. */
function listOf(opened: ReferralDetail, scopes: readonly Scope[]): Scope | undefined {
  const list = opened.sides.includes("from")
    ? "sent"
    : here.includes(opened.state)
      ? "ward"
      : "desk";
  return scopes.find((one) => one === list);
}
