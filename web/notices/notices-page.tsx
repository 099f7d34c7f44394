import { useDeferredValue, useState } from "react";
import type { CentreView } from "../../server/notices/centre-contract.ts";
import { useSession } from "../api/session.ts";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { chat } from "../design/icons-work.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { kindsOfWords } from "../workbench/notice-words.ts";
import { Messages } from "./messages.tsx";
import { NoticeRow } from "./notice-row.tsx";
import { Policy } from "./policy.tsx";
import { useCentre } from "./queries.ts";
import { Quiet } from "./quiet.tsx";
import "./notices-page.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/notices/zh-CN"),
  bo: () => import("virtual:messages/notices/bo"),
  en: () => import("virtual:messages/notices/en"),
});

type Told = CentreView["notices"][number];

/** What was told to me or in my house: what is urgent and in nobody's hand first, then by time; and what is held. */
export function NoticesPage() {
  const t = useText();
  const [of, setOf] = useState<"mine" | "house">("mine");
  const [show, setShow] = useState<"all" | "open">("all");
  const [typed, setTyped] = useState("");
  const session = useSession().data;
  const directs = session?.kind === "staff" && session.permissions.includes("directory.manage");
  const wanted = useDeferredValue(typed);
  const found = useCentre({
    of,
    open: show === "open",
    kinds: wanted.trim() ? kindsOfWords(wanted) : null,
    typed: wanted,
  });
  const list = found.data?.notices ?? [];
  const held = list.filter((one) => one.held);
  const told = list.filter((one) => !one.held);
  const waiting = told.filter((one) => one.urgency !== "routine" && !one.acknowledged);
  const same = (one: Told) => `${one.entityId} ${one.kind}`;
  // What was rung about several times is one thing to do: the newest stands for it.
  const times = Map.groupBy(waiting, same);
  const first = [...times.values()].map((all) => all[0]!);
  const rank = { emergency: 0, urgent: 1, routine: 2 };
  first.sort((left, right) => rank[left.urgency] - rank[right.urgency]);
  const rest = told.filter((one) => !waiting.includes(one));
  return (
    <main id="main" className="notices-page">
      <header>
        <h1>{t("notices.title")}</h1>
        <p className="muted">{t("notices.how", { days: found.data?.keptDays ?? 90 })}</p>
      </header>
      <div className="notices-filters">
        <Segmented
          label={t("notices.of")}
          value={of}
          onChange={setOf}
          options={(["mine", "house"] as const).map((value) => ({
            value,
            label: t(`notices.of.${value}`),
          }))}
        />
        <Segmented
          label={t("notices.show")}
          value={show}
          onChange={setShow}
          options={(["all", "open"] as const).map((value) => ({
            value,
            label: t(`notices.show.${value}`),
          }))}
        />
        <TextField
          label={t("notices.search")}
          hint={t("notices.searchHow")}
          type="search"
          maxLength={40}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <div className="notices-columns">
        <div className="stack">
          {found.isPending ? <Skeleton lines={6} /> : null}
          <ProblemNotice error={found.error} retry={() => void found.refetch()} />
          {found.data && told.length === 0 ? (
            <Empty icon={chat} title={t("notices.empty")}>
              {t("notices.emptyHow")}
            </Empty>
          ) : null}
          {first.length > 0 ? (
            <Card strong title={t("notices.now")}>
              <ul className="notices-list">
                {first.map((one) => (
                  <NoticeRow key={one.id} notice={one} times={times.get(same(one))?.length ?? 1} />
                ))}
              </ul>
            </Card>
          ) : null}
          {rest.length > 0 ? (
            <Card title={first.length > 0 ? t("notices.later") : t("notices.show.all")}>
              <ul className="notices-list">
                {rest.map((one) => (
                  <NoticeRow key={one.id} notice={one} />
                ))}
              </ul>
            </Card>
          ) : null}
        </div>
        <div className="stack">
          {held.length > 0 ? (
            <Card title={t("notices.held")}>
              <p className="muted">{t("notices.heldHow", { count: held.length })}</p>
              <ul className="notices-list">
                {held.map((one) => (
                  <NoticeRow key={one.id} notice={one} />
                ))}
              </ul>
            </Card>
          ) : null}
          <Quiet />
          <Messages />
          {directs ? <Policy /> : null}
        </div>
      </div>
    </main>
  );
}
