import { useDeferredValue, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { ReferralSummary } from "../../server/referral/contract.ts";
import type { StaffView } from "../api/session.ts";
import { nameOf, sexAndAge, urgencyTone } from "../consult/words.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Countdown, useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { shortTime } from "../i18n/time.ts";
import { Cut, listPage } from "../workbench/cut.tsx";
import { isTyping } from "../workbench/queue.tsx";
import { type Scope, useReferrals } from "./queries.ts";
import { stateTone } from "./words.ts";

/** The lists that are this person's work here. */
export function scopesOf({ permissions }: Pick<StaffView, "permissions">): Scope[] {
  const may = (permission: string) => permissions.includes(permission);
  const desk = may("referral.desk") ? (["desk"] as const) : [];
  const sent = ["referral.request", "referral.ward", "referral.desk"].some(may)
    ? (["sent"] as const)
    : [];
  const ward = may("referral.ward") || may("referral.follow-up") ? (["ward"] as const) : [];
  // Who keeps a ward and no desk looks first at who is here.
  return desk.length > 0 ? [...desk, ...sent, ...ward] : [...ward, ...sent];
}

const unread = (one: ReferralSummary) => one.outcome !== null && one.outcomeReadAt === null;

/** Overdue first, then emergencies, then the clock that ends soonest; of what was sent, unread outcomes first. */
function inOrder(list: readonly ReferralSummary[], scope: Scope, now: number): ReferralSummary[] {
  const dueAt = (one: ReferralSummary) =>
    one.clock ? Date.parse(one.clock.dueAt) : Number.MAX_SAFE_INTEGER;
  const rank = (one: ReferralSummary) => {
    if (scope === "sent" && unread(one)) return 0;
    if (dueAt(one) < now) return 1;
    return one.urgency === "emergency" && one.clock ? 2 : 3;
  };
  return list.toSorted(
    (left, right) =>
      rank(left) - rank(right) ||
      dueAt(left) - dueAt(right) ||
      Date.parse(right.updatedAt) - Date.parse(left.updatedAt),
  );
}

/** What came to us, what we sent, who is here. J and K go down and up. */
export function Lists({
  session,
  scopes,
  scope,
  onScope,
  selected,
  level,
}: {
  session: StaffView;
  scopes: readonly Scope[];
  scope: Scope;
  onScope: (scope: Scope) => void;
  selected: string | null;
  level: 1 | 2;
}) {
  const t = useText();
  const [, go] = useLocation();
  const now = useNow(10_000);
  const [most, setMost] = useState(listPage);
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const found = useReferrals(scope, most, search);
  const total = found.data?.total ?? 0;
  const list = inOrder(found.data?.referrals ?? [], scope, now);
  const order = list.map((one) => one.id).join();
  useEffect(() => {
    const ids = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const pressed = event.key.toLowerCase();
      const tab = scopes[Number(pressed) - 1];
      if (tab && scopes.length > 1) onScope(tab);
      const step = { j: 1, k: -1 }[pressed];
      if (!step || ids.length === 0) return;
      const at = selected ? ids.indexOf(selected) : -1;
      const next = ids[Math.min(ids.length - 1, Math.max(0, at + step))];
      if (next) go(`/referrals/${next}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, selected, go, scopes, onScope]);
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <nav className="queue" aria-label={t("referral.title")}>
      <header className="queue-head">
        <Heading>
          {t("referral.title")} <span className="figure">{found.data ? total : ""}</span>
        </Heading>
        <span className="muted small">
          {scope === "desk" ? t("workbench.queue.byClock") : t("referral.byNews")}
        </span>
      </header>
      {scopes.length > 1 || session.permissions.includes("referral.request") ? (
        <div className="queue-new referral-new">
          {session.permissions.includes("referral.request") ? (
            <Link href="/referrals/new" className={buttonClass("primary", { wide: true })}>
              <Icon path={plus} />
              <span>{t("referral.new.action")}</span>
            </Link>
          ) : null}
          {scopes.length > 1 ? (
            <Segmented
              label={t("referral.scope.label")}
              hideLabel
              value={scope}
              options={scopes.map((value) => ({ value, label: t(`referral.scope.${value}`) }))}
              onChange={onScope}
            />
          ) : null}
        </div>
      ) : null}
      {scope === "desk" && session.permissions.includes("referral.desk") ? (
        <p className="queue-new row">
          <Link href="/transfers">{t("workbench.nav.transfers")}</Link>
          {session.permissions.includes("referral.ward") &&
          session.permissions.includes("capacity.view") ? (
            <Link href="/beds">{t("referral.couldGo")}</Link>
          ) : null}
          {session.permissions.includes("capacity.view") ? (
            <Link href="/capacity">{t("workbench.nav.capacity")}</Link>
          ) : null}
        </p>
      ) : null}
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {total > list.length || typed ? (
        <div className="queue-new">
          <TextField
            label={t("referral.list.search")}
            type="search"
            maxLength={60}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      ) : null}
      {typed && found.data && list.length === 0 ? (
        <p className="queue-new muted" role="status">
          {t("referral.list.notFound")}
        </p>
      ) : null}
      {!typed && found.data && list.length === 0 ? (
        <Empty icon={check} title={t(`referral.empty.${scope}`)}>
          {t(`referral.empty.${scope}How`)}
        </Empty>
      ) : null}
      <ul>
        {list.map((one) => (
          <li key={one.id}>
            <Item one={one} scope={scope} now={now} current={one.id === selected} />
          </li>
        ))}
      </ul>
      <Cut shown={list.length} total={total} most={most} onMost={setMost} />
    </nav>
  );
}

function Item({
  one,
  scope,
  now,
  current,
}: {
  one: ReferralSummary;
  scope: Scope;
  now: number;
  current: boolean;
}) {
  const t = useText();
  const named = useNameOf();
  const over = one.clock !== null && Date.parse(one.clock.dueAt) < now;
  const urgency = t(`common.urgency.${one.urgency}`);
  const other =
    scope === "sent"
      ? [one.to && named(one.to), one.department && named(one.department)]
      : [named(one.from), one.requester.name];
  return (
    <Link
      href={`/referrals/${one.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
      data-over={over || undefined}
    >
      <span className="queue-top">
        {one.clock?.kind === "respond" ? (
          <Countdown
            dueAt={one.clock.dueAt}
            lead={urgency}
            tone={over ? "bad" : urgencyTone[one.urgency]}
          />
        ) : (
          <Status tone={urgencyTone[one.urgency]}>{urgency}</Status>
        )}
        <time className="muted small figure" dateTime={one.submittedAt ?? one.updatedAt}>
          {shortTime(one.submittedAt ?? one.updatedAt)}
        </time>
      </span>
      <span className="strong">
        {nameOf(one.patient, t)} · {sexAndAge(one.patient, t)}
      </span>
      {one.reason || one.impression.length > 0 ? (
        <span className="queue-line">{one.reason ?? one.impression[0]?.text}</span>
      ) : null}
      <span className="muted small">
        {[t(`referral.direction.${one.direction}`), ...other].filter(Boolean).join(" · ")}
      </span>
      <span className="referral-marks">
        <Status tone={stateTone[one.state]}>{t(`referral.state.${one.state}`)}</Status>
        {scope === "sent" && unread(one) ? (
          <Status tone="warn">{t("referral.outcome.unread")}</Status>
        ) : null}
        {one.criteria > 0 ? (
          <span className="muted small">
            {t("referral.criteria.count", { count: one.criteria })}
          </span>
        ) : null}
        {one.clock?.kind === "held" ? (
          <Countdown dueAt={one.clock.dueAt} lead={t("referral.clock.held")} />
        ) : null}
      </span>
    </Link>
  );
}
