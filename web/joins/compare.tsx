import { useState } from "react";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextArea } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { SayApart } from "./apart.tsx";
import { type Comparison, type JoinBody, type Side, useComparison, useJoin } from "./queries.ts";

const bases = ["identity-card", "person", "relative", "documents"] as const;

/** Two registrations side by side: what differs, what hangs on each, which goes on, and why they are one. */
export function Compare({
  pair,
  onBack,
  onJoined,
  onApart,
}: {
  pair: readonly [string, string];
  onBack: () => void;
  onJoined: () => void;
  onApart: () => void;
}) {
  const t = useText();
  const seen = useComparison(...pair);
  return (
    <>
      <header className="row spread">
        <h1>{t("joins.compareTitle")}</h1>
        <Button look="quiet" onClick={onBack}>
          {t("joins.back")}
        </Button>
      </header>
      {seen.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={seen.error} retry={() => void seen.refetch()} />
      {seen.data ? (
        <>
          <p className="row">
            <Status tone={seen.data.alike === "certain" ? "good" : "warn"}>
              {t(`joins.alike.${seen.data.alike}` as MessageId)}
            </Status>
            <span>
              {seen.data.differs.length === 0
                ? t("joins.nothingDiffers")
                : t("joins.differs", {
                    what: seen.data.differs
                      .map((fact) => t(`joins.fact.${fact}` as MessageId))
                      .join(t("common.listSeparator")),
                  })}
            </span>
          </p>
          <div className="joins-sides">
            <SideView
              which={t("joins.side.one")}
              side={seen.data.one}
              differs={seen.data.differs}
            />
            <SideView
              which={t("joins.side.other")}
              side={seen.data.other}
              differs={seen.data.differs}
            />
          </div>
          {seen.data.obstacle ? (
            <Notice tone="bad" title={t(`joins.obstacle.${seen.data.obstacle}` as MessageId)} />
          ) : (
            <JoinForm seen={seen.data} onJoined={onJoined} />
          )}
          {seen.data.obstacle === "joined" ? null : <SayApart pair={pair} onDone={onApart} />}
        </>
      ) : null}
    </>
  );
}

function SideView({
  which,
  side,
  differs,
}: {
  which: string;
  side: Side;
  differs: readonly string[];
}) {
  const t = useText();
  const facts: [fact: string, value: string | null][] = [
    ["fullNameBo", side.fullNameBo],
    ["sex", t(`common.sex.${side.sex}` as MessageId)],
    [
      "birthDate",
      side.birthDate && side.birthDateEstimated
        ? t("joins.estimated", { date: side.birthDate })
        : side.birthDate,
    ],
    ["residentIdMasked", side.residentIdMasked],
    ["contacts", side.contacts.map((one) => one.phoneMasked).join(" ") || null],
    ["ethnicGroup", side.ethnicGroup],
    ["address", side.address],
    ["unknownNote", side.unknownNote],
  ];
  return (
    <div className="joins-side">
      <h2>
        <span className="muted">{which}</span> {nameOf(side, t)}
      </h2>
      <p className="muted">
        {t("joins.registered", { house: side.house.name, time: dateTime(side.registeredAt) })}
      </p>
      <dl>
        {facts.map(([fact, value]) =>
          value === null && !differs.includes(fact) ? null : (
            <div key={fact}>
              <dt>{t(`joins.fact.${fact}` as MessageId)}</dt>
              <dd lang={fact === "fullNameBo" ? "bo" : undefined}>
                {value ?? <span className="muted">{t("joins.notWritten")}</span>}
                {differs.includes(fact) ? (
                  <Status tone="warn">{t("joins.different")}</Status>
                ) : null}
              </dd>
            </div>
          ),
        )}
      </dl>
      <h3>{t("joins.hanging")}</h3>
      {side.hanging.length === 0 ? <p className="muted">{t("joins.hangingNone")}</p> : null}
      <ul className="joins-hanging">
        {side.hanging.map((one) => (
          <li key={one.kind}>
            {t("joins.hangs", {
              what: t(`joins.hangs.${one.kind}` as MessageId),
              total: one.total,
              open: one.open,
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}

function JoinForm({ seen, onJoined }: { seen: Comparison; onJoined: () => void }) {
  const t = useText();
  const [goesOn, setGoesOn] = useState(seen.goesOn ?? seen.one.id);
  const join = useJoin(onJoined);
  const mustName = new Set(seen.episodes.map((one) => one.patientId)).size > 1;
  return (
    <form
      className="joins-card joins-form"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const episodeId = String(form.get("episode") ?? "");
        join.mutate({
          duplicateId: goesOn === seen.one.id ? seen.other.id : seen.one.id,
          survivorId: goesOn,
          basis: String(form.get("basis")) as JoinBody["basis"],
          reason: String(form.get("reason") ?? "").trim(),
          episodeId: episodeId === "" ? null : episodeId,
        });
      }}
    >
      <h2>{t("joins.join")}</h2>
      <p className="muted">{t("joins.joinHow")}</p>
      <fieldset className="joins-choice">
        <legend>{t("joins.goesOn")}</legend>
        {[seen.one, seen.other].map((side) => (
          <label key={side.id}>
            <input
              type="radio"
              name="goesOn"
              checked={goesOn === side.id}
              disabled={seen.goesOn !== null && seen.goesOn !== side.id}
              onChange={() => setGoesOn(side.id)}
            />
            <span>
              {t(side.id === seen.one.id ? "joins.side.one" : "joins.side.other")} ·{" "}
              {nameOf(side, t)} · {side.house.name}
            </span>
          </label>
        ))}
        {seen.goesOn === null ? null : <p className="muted">{t("joins.goesOnWhy")}</p>}
      </fieldset>
      {mustName ? (
        <SelectField name="episode" label={t("joins.episode")} required defaultValue="">
          <option value="" disabled>
            {t("joins.choose")}
          </option>
          {seen.episodes.map((one) => (
            <option key={one.id} value={one.id}>
              {one.number} · {one.reason ?? dateTime(one.openedAt)}
            </option>
          ))}
        </SelectField>
      ) : null}
      <SelectField name="basis" label={t("joins.basis")} required defaultValue="">
        <option value="" disabled>
          {t("joins.choose")}
        </option>
        {bases.map((one) => (
          <option key={one} value={one}>
            {t(`joins.basis.${one}`)}
          </option>
        ))}
      </SelectField>
      <TextArea name="reason" label={t("joins.reason")} minLength={4} maxLength={500} required />
      <ProblemNotice error={join.error} />
      <Button type="submit" look="primary" busy={join.isPending}>
        {t("joins.joinNow")}
      </Button>
    </form>
  );
}
