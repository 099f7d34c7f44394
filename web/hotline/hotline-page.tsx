import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { phone } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { Call } from "./call.tsx";
import { CallTasks } from "./call-tasks.tsx";
import { useKey } from "./choices.tsx";
import { Helpers } from "./helpers.tsx";
import { Letters } from "./letters.tsx";
import {
  type CallView,
  type HotlineOverview,
  tabName,
  useCallTasks,
  useOverview,
} from "./queries.ts";
import { Questions } from "./questions.tsx";
import "./hotline.css";

export { wordsReady } from "./area-words.ts";

/** Left the calls that wait and the lists, in the middle the call at hand. N takes a new call. */
export function HotlinePage({
  session,
  what,
  id,
}: {
  session: StaffView;
  what: string | null;
  id: string | null;
}) {
  const t = useText();
  const overview = useOverview();
  const may = session.permissions.includes("booking.assist");
  const tasks = useCallTasks(may);
  const [, go] = useLocation();
  const open = useWrite(
    (_: null, key) => api.post<CallView>("/api/hotline/calls", { tab: tabName() }, key),
    { onDone: (call) => go(`/hotline/call/${call.id}`, { replace: what === "new" }) },
  );
  const start = () => {
    if (!open.isPending) open.mutate(null);
  };
  useKey("n", start, may && what !== "call");
  // "Next call" of the call before: opened at once, so that nothing is pressed twice.
  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each visit to this address
  useEffect(() => {
    if (what === "new" && may && !started.current) {
      started.current = true;
      open.mutate(null);
    }
    if (what !== "new") started.current = false;
  }, [what]);
  const calls = overview.data?.calls ?? [];
  const waiting = tasks.data?.calls.filter((one) => one.state === "open").length ?? 0;
  const list = (
    <nav className="queue" aria-label={t("hotline.title")}>
      <header className="queue-head">
        {what ? <h2>{t("hotline.title")}</h2> : <h1>{t("hotline.title")}</h1>}
      </header>
      {may ? (
        <div className="queue-new">
          <Button look="primary" wide icon={phone} busy={open.isPending} onClick={start}>
            {t("hotline.new.call")} <kbd>N</kbd>
          </Button>
          <ProblemNotice error={open.error} />
        </div>
      ) : null}
      {overview.isPending ? <Skeleton lines={5} /> : null}
      <ProblemNotice error={overview.error} retry={() => void overview.refetch()} />
      <ul>
        {may ? (
          <>
            <Entry
              href="/hotline/tasks"
              current={what === "tasks"}
              label={t("hotline.nav.tasks")}
              count={waiting}
            />
            <Entry
              href="/hotline/letters"
              current={what === "letters"}
              label={t("hotline.nav.letters")}
              count={overview.data?.letters ?? 0}
            />
            <Entry
              href="/hotline/helpers"
              current={what === "helpers"}
              label={t("hotline.nav.helpers")}
              count={null}
            />
          </>
        ) : null}
        {session.permissions.includes("hotline.rules") ? (
          <Entry
            href="/hotline/questions"
            current={what === "questions"}
            label={t("hotline.nav.questions")}
            count={null}
          />
        ) : null}
        {calls.map((call) => (
          <li key={call.id}>
            <CallItem call={call} current={call.id === id} own={session.person.id} />
          </li>
        ))}
      </ul>
    </nav>
  );
  if (what === "call" && id)
    return (
      <div className="bench" data-open="">
        <aside className="bench-queue" aria-label={t("hotline.title")}>
          {list}
        </aside>
        <Call key={id} id={id} session={session} />
      </div>
    );
  const page =
    what === "tasks" ? (
      <CallTasks />
    ) : what === "letters" ? (
      <Letters />
    ) : what === "helpers" ? (
      <Helpers institution={session.institution.name} />
    ) : what === "questions" ? (
      <Questions />
    ) : null;
  if (page)
    return (
      <div className="bench hotline-wide" data-open="">
        <aside className="bench-queue" aria-label={t("hotline.title")}>
          {list}
        </aside>
        {page}
      </div>
    );
  return (
    <div className="bench hotline-wide">
      <main id="main" className="bench-queue">
        {list}
      </main>
      <aside className="bench-main" aria-label={t("hotline.start.title")}>
        <Empty icon={phone} title={t("hotline.start.title")}>
          {t("hotline.start.how")} <kbd>N</kbd>
        </Empty>
      </aside>
    </div>
  );
}

function Entry({
  href,
  current,
  label,
  count,
}: {
  href: string;
  current: boolean;
  label: string;
  count: number | null;
}) {
  return (
    <li>
      <Link href={href} className="queue-item" aria-current={current ? "true" : undefined}>
        <span className="queue-top">
          <span className="strong">{label}</span>
          {count === null ? null : <span className="figure">{count}</span>}
        </span>
      </Link>
    </li>
  );
}

function CallItem({
  call,
  current,
  own,
}: {
  call: HotlineOverview["calls"][number];
  current: boolean;
  own: string;
}) {
  const t = useText();
  const urgent = call.state === "dropped" || call.state === "transferred";
  return (
    <Link
      href={`/hotline/call/${call.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
      data-over={urgent ? "" : undefined}
    >
      <span className="queue-top">
        <Status tone={call.state === "open" ? "info" : call.state === "dropped" ? "warn" : "bad"}>
          {t(`hotline.callState.${call.state}`)}
        </Status>
        <time className="muted small" dateTime={call.openedAt}>
          {clockTime(call.droppedAt ?? call.openedAt)}
        </time>
      </span>
      <span className="strong">
        {call.patientName ?? call.callerName ?? t("hotline.call.unknown")}
      </span>
      <span className="muted small">
        {[
          call.callerPhone,
          call.state === "open" && call.holder.id !== own
            ? t("hotline.call.with", { name: call.holder.name })
            : null,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </Link>
  );
}
