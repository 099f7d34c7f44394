import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { FollowUpView } from "../../server/referral/contract.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dayWords, isoDate } from "../i18n/time.ts";
import { Cut, listPage } from "../workbench/cut.tsx";
import { isTyping } from "../workbench/queue.tsx";
import { type FollowUpScope, useFollowUps } from "./queries.ts";
import { noonOf } from "./words.ts";

const tones: Record<FollowUpView["state"], Tone> = {
  planned: "info",
  done: "good",
  missed: "bad",
  cancelled: "quiet",
};

/** Where a follow-up stands; what is late says by how much. */
export function FollowUpState({ followUp }: { followUp: FollowUpView }) {
  const t = useText();
  if (followUp.overdueDays > 0)
    return (
      <Status tone="bad">{t("referral.followUp.late", { count: followUp.overdueDays })}</Status>
    );
  if (followUp.state === "planned" && followUp.dueOn === isoDate(Date.now()))
    return <Status tone="warn">{t("referral.followUp.today")}</Status>;
  return (
    <Status tone={followUp.triggered.length > 0 ? "bad" : tones[followUp.state]}>
      {followUp.triggered.length > 0
        ? t("referral.followUp.reached")
        : t(`referral.followUp.state.${followUp.state}`)}
    </Status>
  );
}

const rank = (one: FollowUpView) => (one.state === "missed" ? 0 : one.state === "planned" ? 1 : 2);

/** Missed and due first. J and K go down and up. */
export function FollowUpList({
  scope,
  onScope,
  selected,
  level,
}: {
  scope: FollowUpScope;
  onScope: (scope: FollowUpScope) => void;
  selected: string | null;
  level: 1 | 2;
}) {
  const t = useText();
  const [, go] = useLocation();
  const [most, setMost] = useState(listPage);
  const found = useFollowUps(scope, most);
  const list = (found.data?.followUps ?? []).toSorted(
    (left, right) => rank(left) - rank(right) || left.dueOn.localeCompare(right.dueOn),
  );
  const order = list.map((one) => one.id).join();
  useEffect(() => {
    const ids = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (!step || isTyping(event) || ids.length === 0) return;
      const at = selected ? ids.indexOf(selected) : -1;
      const next = ids[Math.min(ids.length - 1, Math.max(0, at + step))];
      if (next) go(`/follow-ups/${next}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, selected, go]);
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <nav className="queue" aria-label={t("referral.followUp.title")}>
      <header className="queue-head">
        <Heading>
          {t("referral.followUp.title")} <span className="figure">{found.data?.total ?? ""}</span>
        </Heading>
        <span className="muted small">{t("referral.followUp.byDay")}</span>
      </header>
      <div className="queue-new referral-new">
        <Segmented
          label={t("referral.scope.label")}
          hideLabel
          value={scope}
          options={[
            { value: "due", label: t("referral.followUp.scope.due") },
            { value: "all", label: t("referral.followUp.scope.all") },
          ]}
          onChange={onScope}
        />
      </div>
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data && list.length === 0 ? (
        <Empty icon={check} title={t(`referral.followUp.empty.${scope}`)}>
          {t("referral.followUp.empty.how")}
        </Empty>
      ) : null}
      <ul>
        {list.map((one) => (
          <li key={one.id}>
            <Link
              href={`/follow-ups/${one.id}`}
              className="queue-item"
              aria-current={one.id === selected ? "true" : undefined}
              data-over={one.overdueDays > 0 || undefined}
            >
              <span className="queue-top">
                <FollowUpState followUp={one} />
                <time className="muted small figure" dateTime={one.dueOn}>
                  {dayWords(noonOf(one.dueOn))}
                </time>
              </span>
              <span className="strong">
                {nameOf(one.patient, t)} · {sexAndAge(one.patient, t)}
              </span>
              <span className="queue-line">{one.purpose}</span>
              <span className="muted small">
                {[t(`referral.followUp.kind.${one.kind}`), one.owner].filter(Boolean).join(" · ")}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Cut shown={list.length} total={found.data?.total ?? 0} most={most} onMost={setMost} />
    </nav>
  );
}
