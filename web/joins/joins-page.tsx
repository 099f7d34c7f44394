import { useState } from "react";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextArea } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { addWords, type MessageId, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { PatientSearch } from "../workbench/patient-search.tsx";
import { ApartRow } from "./apart.tsx";
import { Compare } from "./compare.tsx";
import { type Card, type JoinLink, type Separated, useJoins, useSeparate } from "./queries.ts";
import "./joins.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/joins/zh-CN"),
  bo: () => import("virtual:messages/joins/bo"),
  en: () => import("virtual:messages/joins/en"),
});

type Picked = { id: string; name: string };

/** People registered twice: found, laid side by side, joined, and taken apart again. */
export function JoinsPage() {
  const t = useText();
  const joins = useJoins();
  const [opened, setOpened] = useState<readonly [string, string] | null>(null);
  const [first, setFirst] = useState<Picked | null>(null);
  const [searching, setSearching] = useState(false);
  const [done, setDone] = useState<"joined" | "apart" | null>(null);
  if (opened)
    return (
      <main id="main" className="joins">
        <Compare
          pair={opened}
          onBack={() => setOpened(null)}
          onJoined={() => {
            setOpened(null);
            setDone("joined");
          }}
          onApart={() => {
            setOpened(null);
            setDone("apart");
          }}
        />
      </main>
    );
  return (
    <main id="main" className="joins">
      <header>
        <h1>{t("joins.title")}</h1>
        <p className="muted">{t("joins.lead")}</p>
      </header>
      {done ? (
        <Notice tone="good" title={t(done === "joined" ? "joins.done" : "joins.apartDone")} />
      ) : null}
      <section className="joins-card" aria-labelledby="joins-pairs">
        <h2 id="joins-pairs">{t("joins.pairs")}</h2>
        {joins.isPending ? <Skeleton lines={4} /> : null}
        <ProblemNotice error={joins.error} retry={() => void joins.refetch()} />
        {joins.data?.pairs.length === 0 ? (
          <Empty icon={check} title={t("joins.none")}>
            {t("joins.noneHow")}
          </Empty>
        ) : null}
        <ul className="joins-list">
          {joins.data?.pairs.map((pair) => (
            <li key={pair.one.id + pair.other.id} className="row spread">
              <div className="stack">
                <span className="row">
                  <strong>{nameOf(pair.one, t)}</strong>
                  <Status tone={pair.alike === "possible" ? "info" : "warn"}>
                    {t(`joins.alike.${pair.alike}` as MessageId)}
                  </Status>
                </span>
                <CardLine card={pair.one} />
                <CardLine card={pair.other} />
              </div>
              <Button look="soft" onClick={() => setOpened([pair.one.id, pair.other.id])}>
                {t("joins.compare")}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section className="joins-card" aria-labelledby="joins-other">
        <h2 id="joins-other">{t("joins.other")}</h2>
        <p className="muted">{t("joins.otherHow")}</p>
        {searching ? (
          <>
            {first ? (
              <p>
                {t("joins.first")} <strong>{first.name}</strong>
              </p>
            ) : null}
            <PatientSearch
              key={first?.id ?? "first"}
              action={t(first ? "joins.pickSecond" : "joins.pickFirst")}
              onPick={(patient) => {
                if (!first) setFirst({ id: patient.id, name: nameOf(patient, t) });
                else if (first.id !== patient.id) setOpened([first.id, patient.id]);
              }}
            />
          </>
        ) : (
          <Button
            onClick={() => {
              setFirst(null);
              setSearching(true);
            }}
          >
            {t("joins.search")}
          </Button>
        )}
      </section>
      <section className="joins-card" aria-labelledby="joins-joined">
        <h2 id="joins-joined">{t("joins.joined")}</h2>
        {joins.data?.joined.length === 0 ? <p className="muted">{t("joins.joinedNone")}</p> : null}
        <ul className="joins-list">
          {joins.data?.joined.map((link) => (
            <LinkRow key={link.id} link={link} onApart={() => setDone(null)} />
          ))}
        </ul>
      </section>
      <section className="joins-card" aria-labelledby="joins-apart">
        <h2 id="joins-apart">{t("joins.apart")}</h2>
        {joins.data?.apart.length === 0 ? <p className="muted">{t("joins.apartNone")}</p> : null}
        <ul className="joins-list">
          {joins.data?.apart.map((one) => (
            <ApartRow key={one.id} one={one} />
          ))}
        </ul>
      </section>
    </main>
  );
}

/** One registration in a line: when, where, born when. */
function CardLine({ card }: { card: Card }) {
  const t = useText();
  return (
    <span className="muted">
      {t("joins.registered", { house: card.house.name, time: dateTime(card.registeredAt) })}
      {" · "}
      {t(`common.sex.${card.sex}` as MessageId)} {card.birthDate}
    </span>
  );
}

function LinkRow({ link, onApart }: { link: JoinLink; onApart: () => void }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const [apart, setApart] = useState<Separated | null>(null);
  const separate = useSeparate((answer) => {
    setApart(answer);
    setAsking(false);
    onApart();
  });
  return (
    <li>
      <div className="row spread">
        <div className="stack">
          <span className="row">
            <strong>{link.survivorName || t("common.person.unknown")}</strong>
            <Status tone={link.separatedAt ? "quiet" : "good"}>
              {t(link.separatedAt ? "joins.state.separated" : "joins.state.joined")}
            </Status>
          </span>
          <span className="muted">
            {t("joins.joinedBy", { name: link.joinedBy, time: dateTime(link.joinedAt) })}
            {" · "}
            {t(`joins.basis.${link.basis}` as MessageId)}
          </span>
          <span>{link.reason}</span>
          {link.separatedAt ? (
            <span>
              {t("joins.separatedBy", {
                name: link.separatedBy ?? "",
                time: dateTime(link.separatedAt),
              })}{" "}
              {link.separationReason}
            </span>
          ) : null}
        </div>
        {link.separatedAt ? null : (
          <Button aria-expanded={asking} onClick={() => setAsking(!asking)}>
            {t("joins.separate")}
          </Button>
        )}
      </div>
      {asking && !link.separatedAt ? (
        <form
          className="joins-form"
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
            separate.mutate({ id: link.id, reason });
          }}
        >
          <p>{t("joins.separateHow")}</p>
          <TextArea
            name="reason"
            label={t("joins.separateReason")}
            minLength={4}
            maxLength={500}
            required
          />
          <Button type="submit" look="primary" busy={separate.isPending}>
            {t("joins.separateNow")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={separate.error} />
      {apart ? (
        <Notice tone="info" title={t("joins.separated")}>
          {apart.writtenSince.length === 0
            ? t("joins.writtenNone")
            : t("joins.written", {
                what: apart.writtenSince
                  .map((one) => `${t(`joins.hangs.${one.kind}` as MessageId)} ${one.total}`)
                  .join(t("common.listSeparator")),
              })}
        </Notice>
      ) : null}
    </li>
  );
}
