import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "wouter";
import type { LoopKind, LoopList } from "../../server/referral/board-contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, left, print } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";
import { toCsv } from "./csv.ts";
import { behindAddress } from "./number-link.tsx";
import { kinds, kindWords, ofPeriod, spanWords } from "./numbers.ts";
import { tones } from "./own.tsx";
import "./board.css";

type Row = LoopList["rows"][number];
const minutesSince = (from: string, at: string) => (Date.parse(at) - Date.parse(from)) / 60_000;

/** The referrals behind one number of the board: number, houses, clock, age and why; nobody's name. */
export function BehindPage({ what: asked, session }: { what: string; session: StaffView }) {
  const t = useText();
  const nameOf = useNameOf();
  const search = new URLSearchParams(useSearch());
  const what = kinds.find((one) => one === asked);
  const query = new URLSearchParams({ what: asked });
  for (const name of ["house", "days", "page"]) {
    const value = search.get(name);
    if (value) query.set(name, value);
  }
  const found = useQuery({
    queryKey: ["referral", "board", "behind", query.toString()],
    enabled: what !== undefined,
    refetchInterval: 60_000,
    queryFn: ({ signal }) => api.get<LoopList>(`/api/referral-board/list?${query}`, signal),
  });
  const list = found.data;
  const back = (
    <Link href="/loops" className={buttonClass("quiet", { className: "align-start" })}>
      <Icon path={left} /> <span>{t("loops.behind.back")}</span>
    </Link>
  );
  if (!what)
    return (
      <main id="main" className="loops">
        {back}
        <h1>{t("loops.title")}</h1>
        <p role="status">{t("loops.behind.noSuch")}</p>
      </main>
    );
  const save = () => {
    if (!list) return;
    const head = (
      [
        "number",
        "from",
        "to",
        "urgency",
        "state",
        "clock",
        "sent",
        "due",
        "age",
        "code",
        "reason",
      ] as const
    ).map((one) => t(`loops.behind.${one}`));
    const rows = list.rows.map((one) => [
      one.number,
      nameOf(one.from),
      nameOf(one.to),
      t(`loops.urgency.${one.urgency}`),
      t(`loops.state.${one.state}`),
      one.clock ? t(`loops.clock.${one.clock}`) : null,
      dayTime(one.submittedAt),
      one.dueAt ? dayTime(one.dueAt) : (one.missedOn ?? null),
      Math.round(minutesSince(one.submittedAt, list.at)),
      one.code ? t(`loops.code.${one.code}`) : null,
      one.reason,
    ]);
    toCsv(`loops-${list.what}-${list.page}.csv`, [head, ...rows]);
  };
  return (
    <main id="main" className="loops">
      {back}
      <header className="row spread wrap">
        <div>
          <h1>
            {kindWords(t, what)} <span className="figure">{list?.total ?? ""}</span>
          </h1>
          {list ? (
            <p className="muted small">
              {[
                list.house ? nameOf(list.house) : t("loops.behind.all"),
                ofPeriod(what) ? t("loops.periodTitle", { days: list.days }) : t("loops.openTitle"),
                t("loops.at", { time: dayTime(list.at) }),
              ].join(" · ")}
            </p>
          ) : null}
        </div>
        <Button icon={print} onClick={save} disabled={!list || list.rows.length === 0}>
          {t("loops.export")}
        </Button>
      </header>
      {found.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {list && list.rows.length === 0 ? (
        <Empty icon={check} title={t("loops.behind.none")}>
          {t("loops.behind.noneHow")}
        </Empty>
      ) : null}
      {list && list.rows.length > 0 ? (
        <section className="loops-card" aria-label={kindWords(t, what)}>
          <p className="muted small">{t("loops.behind.how")}</p>
          <ul className="loops-list">
            {list.rows.map((one) => (
              <Behind
                key={`${one.number} ${one.missedOn ?? ""}`}
                one={one}
                at={list.at}
                session={session}
              />
            ))}
          </ul>
          <Pages what={what} list={list} />
        </section>
      ) : null}
    </main>
  );
}

function Behind({ one, at, session }: { one: Row; at: string; session: StaffView }) {
  const t = useText();
  const nameOf = useNameOf();
  const late = one.dueAt !== null && Date.parse(one.dueAt) < Date.parse(at);
  const opens = ["referral.desk", "referral.request", "referral.ward"].some((permission) =>
    session.permissions.includes(permission),
  );
  return (
    <li>
      <p className="row spread wrap">
        {one.id && opens ? (
          <Link href={`/referrals/${one.id}`} className="figure loops-number">
            {one.number}
          </Link>
        ) : (
          <span className="figure">{one.number}</span>
        )}
        <span className="row wrap">
          <Status tone={tones[one.urgency]}>{t(`loops.urgency.${one.urgency}`)}</Status>
          <Status tone={late ? "bad" : "info"}>{t(`loops.state.${one.state}`)}</Status>
        </span>
      </p>
      <p>{t("loops.between", { from: nameOf(one.from), to: nameOf(one.to) })}</p>
      <p className="muted small">
        {[
          t("loops.sentAt", { time: dayTime(one.submittedAt) }),
          t("loops.behind.since", { span: spanWords(t, minutesSince(one.submittedAt, at)) }),
          one.clock ? t(`loops.clock.${one.clock}`) : null,
          one.missedOn ? t("loops.behind.missedOn", { day: one.missedOn }) : null,
          one.dueAt
            ? t(late ? "loops.overdueSince" : "loops.dueBy", { time: dayTime(one.dueAt) })
            : null,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {one.code && one.codeAt ? (
        <p className="small">
          {t(`loops.code.${one.code}`)} · {dayTime(one.codeAt)}
        </p>
      ) : null}
      {one.reason ? <p lang="zh-CN">{one.reason}</p> : null}
    </li>
  );
}

function Pages({ what, list }: { what: LoopKind; list: LoopList }) {
  const t = useText();
  const first = (list.page - 1) * list.size + 1;
  const to = (page: number) => behindAddress(what, list.days, list.house?.id, page);
  return (
    <nav className="row spread wrap" aria-label={t("loops.behind.pages")}>
      <span className="muted small">
        {t("loops.behind.range", {
          from: first,
          to: first + list.rows.length - 1,
          all: list.total,
        })}
      </span>
      <span className="row">
        {list.page > 1 ? (
          <Link href={to(list.page - 1)} className={buttonClass("soft", {})}>
            {t("loops.behind.earlier")}
          </Link>
        ) : null}
        {first + list.rows.length - 1 < list.total ? (
          <Link href={to(list.page + 1)} className={buttonClass("soft", {})}>
            {t("loops.behind.next")}
          </Link>
        ) : null}
      </span>
    </nav>
  );
}
