import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { TransferSummary } from "../../server/transfer/contract.ts";
import type { TransferState } from "../../server/transfer/states.ts";
import { buttonClass } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { check, clock, left, warning } from "../design/icons.ts";
import { arrow, close, shield } from "../design/icons-work.ts";
import type { Language } from "../i18n/areas.ts";
import { addWords, useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { Cut, listPage } from "../workbench/cut.tsx";
import { TransferView } from "./detail.tsx";
import { useTransfers } from "./queries.ts";
import "./transfer.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/transfer/zh-CN"),
  bo: () => import("virtual:messages/transfer/bo"),
  en: () => import("virtual:messages/transfer/en"),
});

type House = TransferSummary["from"];
/** A house in the reader's language; Chinese where no other name was given. */
export const nameOf = (house: House, language: Language): string =>
  (language === "bo" ? house.nameBo : language === "en" ? house.nameEn : null) ?? house.name;

/** Each state has its own sign, word and colour. */
export const stateLook: Record<TransferState, { tone: Tone; icon: string }> = {
  requested: { tone: "warn", icon: clock },
  "vehicle-assigned": { tone: "info", icon: clock },
  "picked-up": { tone: "info", icon: arrow },
  "in-transit": { tone: "info", icon: arrow },
  arrived: { tone: "warn", icon: warning },
  "handed-over": { tone: "good", icon: check },
  disinfected: { tone: "good", icon: shield },
  cancelled: { tone: "quiet", icon: close },
};

/** Running transfers on the left, the one at hand beside it. Both houses see the same. */
export function TransferPage({ id }: { id: string | null }) {
  const t = useText();
  const back: ReactNode = (
    <Link
      href="/transfers"
      className={buttonClass("quiet", { className: "only-narrow align-start" })}
    >
      <Icon path={left} /> <span>{t("workbench.back")}</span>
    </Link>
  );
  if (id === null)
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          <Running selected={null} />
        </main>
        <aside className="bench-main" aria-label={t("transfer.choose.title")}>
          <Empty icon={arrow} title={t("transfer.choose.title")}>
            {t("transfer.choose.how")}
          </Empty>
        </aside>
      </div>
    );
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue" aria-label={t("transfer.title")}>
        <Running selected={id} />
      </aside>
      <TransferView key={id} id={id} back={back} />
    </div>
  );
}

function Running({ selected }: { selected: string | null }) {
  const t = useText();
  const [most, setMost] = useState(listPage);
  const list = useTransfers(most);
  return (
    <div className="stack transfer-queue">
      <h1 className="transfer-title">{t("transfer.title")}</h1>
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data?.transfers.length === 0 ? (
        <Empty icon={arrow} title={t("transfer.none.title")}>
          {t("transfer.none.how")}
        </Empty>
      ) : null}
      <ul className="transfer-list">
        {list.data?.transfers.map((one) => (
          <li key={one.id}>
            <Line one={one} selected={one.id === selected} />
          </li>
        ))}
      </ul>
      <Cut
        shown={list.data?.transfers.length ?? 0}
        total={list.data?.total ?? 0}
        most={most}
        onMost={setMost}
      />
    </div>
  );
}

function Line({ one, selected }: { one: TransferSummary; selected: boolean }) {
  const t = useText();
  const language = useLanguage();
  const house = one.side === "from" ? one.to : one.from;
  const name = nameOf(house, language);
  return (
    <Link
      href={`/transfers/${one.id}`}
      className="transfer-line"
      aria-current={selected ? "page" : undefined}
    >
      <span className="row spread">
        <span className="strong">{one.patient.fullName ?? t("transfer.noName")}</span>
        <Status tone={stateLook[one.state].tone} icon={stateLook[one.state].icon}>
          {t(`transfer.state.${one.state}`)}
        </Status>
      </span>
      <span className="small">
        {one.kind === "infectious" ? `${t("transfer.kind.infectious")} · ` : ""}
        {t(one.side === "from" ? "transfer.goesTo" : "transfer.comesFrom", { name })}
      </span>
      <span className="small muted">{one.reason}</span>
      <span className="row spread small">
        <Since one={one} />
        <span>{t("transfer.readyCount", { done: one.ready.done, all: one.ready.all })}</span>
      </span>
    </Link>
  );
}

/** The clock that runs: since it left, and how far it still is. */
export function Since({ one }: { one: TransferSummary }) {
  const t = useText();
  const now = useNow(10_000);
  const minutes = (from: string) => Math.max(0, Math.round((now - Date.parse(from)) / 60_000));
  if (one.arrivedAt)
    return <span>{t("transfer.arrivedAt", { time: clockTime(one.arrivedAt) })}</span>;
  if (!one.departedAt)
    return <span>{t("transfer.askedSince", { minutes: minutes(one.requestedAt) })}</span>;
  return (
    <span className="figure strong">
      {t("transfer.since", { minutes: minutes(one.departedAt) })}
      {one.last?.toGoMetres != null
        ? ` · ${t("transfer.toGo", { km: (one.last.toGoMetres / 1000).toFixed(1) })}`
        : ""}
    </span>
  );
}
