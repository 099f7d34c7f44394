import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { Board } from "../../server/referral/board-contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { home, print } from "../design/icons.ts";
import { addWords, useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { toCsv } from "./csv.ts";
import { Levels } from "./levels.tsx";
import { NumberLink } from "./number-link.tsx";
import { answers, clocks, openOf, overdueOf, spanWords, sum } from "./numbers.ts";
import { OwnLoops, Reasons } from "./own.tsx";
import { AnsweringTable, AnswerTable, OpenTable } from "./tables.tsx";
import "./board.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/loops/zh-CN"),
  bo: () => import("virtual:messages/loops/bo"),
  en: () => import("virtual:messages/loops/en"),
});

const periods = ["7", "30", "90"] as const;

/** Open loops by clock, how houses answer, and where people are seen: one glance, sums of the rows below. */
export function LoopsPage({ session }: { session: StaffView }) {
  const t = useText();
  const nameOf = useNameOf();
  const [days, setDays] = useState<(typeof periods)[number]>("30");
  const found = useQuery({
    queryKey: ["referral", "board", days],
    refetchInterval: 60_000,
    queryFn: ({ signal }) => api.get<Board>(`/api/referral-board?days=${days}`, signal),
  });
  const board = found.data;
  const save = () => {
    if (!board) return;
    const rows = board.houses.map((one) => [
      nameOf(one.institution),
      t(`loops.level.${one.level}`),
      openOf(one),
      ...clocks.map((clock) => one.open[clock] ?? 0),
      ...answers.map((answer) => one[answer]),
      one.minutesToAccepted,
      one.minutesToSeen,
      one.followUps,
      one.missedFollowUps,
      one.visits,
    ]);
    const head = [
      t("loops.house"),
      t("loops.levelTitle"),
      t("loops.figure.open"),
      ...clocks.map((clock) => t(`loops.clock.${clock}`)),
      ...answers.map((answer) => t(`loops.answer.${answer}`)),
      t("loops.figure.accepted"),
      t("loops.figure.seen"),
      t("loops.followUps"),
      t("loops.figure.missed"),
      t("loops.visits"),
    ];
    toCsv(`loops-${days}.csv`, [head, ...rows]);
  };
  return (
    <main id="main" className="loops">
      <header className="row spread wrap">
        <div>
          <h1>{t("loops.title")}</h1>
          {board ? (
            <p className="muted small">
              {t(board.everywhere ? "loops.everywhere" : "loops.own")} ·{" "}
              {t("loops.at", { time: dayTime(board.at) })}
            </p>
          ) : null}
        </div>
        <div className="row wrap">
          <Segmented
            label={t("loops.period")}
            hideLabel
            value={days}
            options={periods.map((one) => ({
              value: one,
              label: t("loops.days", { count: Number(one) }),
            }))}
            onChange={setDays}
          />
          <Button icon={print} onClick={save} disabled={!board}>
            {t("loops.export")}
          </Button>
          {session.permissions.includes("directory.manage") ? (
            <Link href="/referral-clocks" className={buttonClass("quiet")}>
              <span>{t("loops.toClocks")}</span>
            </Link>
          ) : null}
        </div>
      </header>
      {found.isPending ? <Skeleton lines={10} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {board?.houses.length === 0 ? (
        <Empty icon={home} title={t("loops.none")}>
          {t("loops.noneHow")}
        </Empty>
      ) : null}
      {board && board.houses.length > 0 ? <Glance board={board} session={session} /> : null}
    </main>
  );
}

function Glance({ board, session }: { board: Board; session: StaffView }) {
  const t = useText();
  const { houses } = board;
  const figures = [
    { key: "overdue", list: "overdue", value: sum(houses, overdueOf), bad: true },
    { key: "soon", list: "soon", value: sum(houses, (one) => one.open.soon ?? 0), warn: true },
    { key: "open", list: "open", value: sum(houses, openOf) },
    { key: "late", list: "late", value: sum(houses, (one) => one.late), warn: true },
    { key: "returned", list: "returned", value: sum(houses, (one) => one.returned) },
    { key: "noShows", list: "noShows", value: sum(houses, (one) => one.noShows) },
    { key: "missed", list: "missed", value: sum(houses, (one) => one.missedFollowUps), warn: true },
  ] as const;
  return (
    <>
      <dl className="loops-figures" aria-label={t("loops.figures")}>
        {figures.map((one) => (
          <div
            key={one.key}
            data-tone={
              one.value > 0
                ? "bad" in one
                  ? "bad"
                  : "warn" in one
                    ? "warn"
                    : undefined
                : undefined
            }
          >
            <dt>{t(`loops.figure.${one.key}`)}</dt>
            <dd>
              {"list" in one && one.value > 0 ? (
                <NumberLink what={one.list} count={one.value} days={board.days} />
              ) : (
                one.value
              )}
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("loops.figure.accepted")}</dt>
          <dd>{spanWords(t, board.minutesToAccepted)}</dd>
        </div>
        <div>
          <dt>{t("loops.figure.seen")}</dt>
          <dd>{spanWords(t, board.minutesToSeen)}</dd>
        </div>
      </dl>
      <div className="loops-columns">
        <div className="stack">
          <OpenTable board={board} />
          <AnsweringTable board={board} />
          <AnswerTable board={board} />
        </div>
        <div className="stack">
          <Levels board={board} />
          <Rules board={board} />
          <OwnLoops board={board} session={session} />
          <Reasons board={board} />
        </div>
      </div>
    </>
  );
}

function Rules({ board }: { board: Board }) {
  const t = useText();
  const language = useLanguage();
  if (board.rules.length === 0) return null;
  return (
    <section className="loops-card">
      <h2>{t("loops.rulesTitle")}</h2>
      <p className="muted small">{t("loops.rulesHow")}</p>
      <ul className="loops-list">
        {board.rules.map((one) => (
          <li key={one.rule} className="row spread">
            <span>{one.because ? nameIn(one.because, language) : one.rule}</span>
            <span className="figure">
              {t("loops.missedOf", { missed: one.overruled, all: one.fired })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
