import { Link, useLocation } from "wouter";
import { api } from "../../api/client.ts";
import type { StaffView } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { plus, slides } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { TeachingFrame } from "./frame.tsx";
import { type Line, type Session, useRefresh, useSessions } from "./queries.ts";
import { heldAt, inWords, stateLook } from "./words.ts";

/** What is on now, what comes, what was: the reader's own first among equals of time. */
export function ListPage({ session, past }: { session: StaffView; past: boolean }) {
  const t = useText();
  const list = useSessions(past);
  const mayPlan = session.permissions.includes("teaching.plan");
  const rows = list.data?.sessions ?? [];
  const live = rows.filter((one) => one.state === "live");
  return (
    <TeachingFrame
      session={session}
      title={past ? t("teaching.past.title") : t("teaching.title")}
      how={past ? t("teaching.past.how") : t("teaching.how")}
      aside={mayPlan && !past ? <NewSession /> : null}
    >
      {list.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data && rows.length === 0 ? (
        <Empty icon={slides} title={t(past ? "teaching.past.none" : "teaching.none")}>
          {t(mayPlan ? "teaching.noneHowPlan" : "teaching.noneHow")}
        </Empty>
      ) : null}
      {live.length > 0 ? <Rows title={t("teaching.now")} rows={live} /> : null}
      {rows.length > live.length ? (
        <Rows
          title={t(past ? "teaching.past.rows" : "teaching.coming")}
          rows={rows.filter((one) => one.state !== "live")}
        />
      ) : null}
    </TeachingFrame>
  );
}

function NewSession() {
  const t = useText();
  const [, go] = useLocation();
  const refresh = useRefresh();
  const begin = useWrite(
    (_: null, key) =>
      api.post<Session>("/api/teaching/sessions", { title: t("teaching.untitled") }, key),
    {
      onDone: (made) => {
        refresh(made);
        go(`/teaching/${made.id}/plan`);
      },
    },
  );
  return (
    <div className="stack">
      <Button look="primary" icon={plus} busy={begin.isPending} onClick={() => begin.mutate(null)}>
        {t("teaching.new")}
      </Button>
      <ProblemNotice error={begin.error} />
    </div>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly Line[] }) {
  const t = useText();
  const language = useLanguage();
  return (
    <section className="stack">
      <h2>{title}</h2>
      <ul className="teaching-list">
        {rows.map((one) => (
          <li key={one.id} className="teaching-row">
            <span className="when figure">{heldAt(one) ?? t("teaching.noTime")}</span>
            <div>
              <p className="strong">
                <Link
                  href={
                    one.plans || one.speaks ? `/teaching/${one.id}/plan` : `/teaching/${one.id}`
                  }
                >
                  {inWords(one.title, language)}
                </Link>
              </p>
              <p className="muted">
                {[
                  one.presenter,
                  inWords(one.institution, language),
                  one.speaks ? t(`teaching.speaks.${one.speaks}`) : null,
                  one.points > 0 ? t("teaching.points", { points: one.points }) : null,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
              {one.cancelReason ? (
                <p>{t("teaching.cancelledBecause", { reason: one.cancelReason })}</p>
              ) : null}
              {one.withheld ? <p>{t("teaching.withheld")}</p> : null}
            </div>
            <div className="row">
              <Status {...stateLook[one.state]}>{t(`teaching.state.${one.state}`)}</Status>
              <Way session={one} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Into the room or to the replay: pages of their own. */
export function Way({ session }: { session: Pick<Line, "id" | "state" | "speaks" | "withheld"> }) {
  const t = useText();
  if (session.state === "live" || (session.state === "planned" && session.speaks))
    return (
      <a
        className={buttonClass(session.state === "live" ? "primary" : "soft")}
        href={`/teaching/${session.id}/live`}
      >
        {t(session.state === "live" ? "teaching.enter" : "teaching.rehearse")}
      </a>
    );
  if (session.state === "published" && !session.withheld)
    return (
      <a className={buttonClass("soft")} href={`/teaching/${session.id}/replay`}>
        {t("teaching.replay")}
      </a>
    );
  return null;
}
