import { useState } from "react";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { TextArea } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { type Apart, useSayApart, useTakeApartBack } from "./queries.ts";

/** "These are two people", with how that is known; the pair is proposed no more. */
export function SayApart({
  pair: [one, other],
  onDone,
}: {
  pair: readonly [string, string];
  onDone: () => void;
}) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const say = useSayApart(onDone);
  return (
    <section className="joins-card" aria-labelledby="joins-apart-say">
      <h2 id="joins-apart-say">{t("joins.apart")}</h2>
      <p className="muted">{t("joins.apartHow")}</p>
      {asking ? (
        <form
          className="joins-form"
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
            say.mutate({ one, other, reason });
          }}
        >
          <TextArea
            name="reason"
            label={t("joins.apartReason")}
            minLength={4}
            maxLength={500}
            required
          />
          <ProblemNotice error={say.error} />
          <Button type="submit" look="primary" busy={say.isPending}>
            {t("joins.apartNow")}
          </Button>
        </form>
      ) : (
        <Button className="align-start" aria-expanded={asking} onClick={() => setAsking(true)}>
          {t("joins.apart")}
        </Button>
      )}
    </section>
  );
}

/** Two that were said to be two people, by whom and why, and the way back. */
export function ApartRow({ one }: { one: Apart }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const back = useTakeApartBack();
  const name = nameOf(one.one, t);
  return (
    <li>
      <div className="row spread">
        <div className="stack">
          <span className="row">
            <strong>{name}</strong>
            {one.outdated ? <Status tone="warn">{t("joins.apartOutdated")}</Status> : null}
          </span>
          <span className="muted">
            {one.one.house.name} · {one.other.house.name}
            {" · "}
            {t("joins.apartBy", { name: one.saidBy, time: dateTime(one.saidAt) })}
          </span>
          <span>{one.reason}</span>
        </div>
        <Button aria-expanded={asking} onClick={() => setAsking(!asking)}>
          {t("joins.apartBack")}
          <span className="visually-hidden"> {name}</span>
        </Button>
      </div>
      {asking ? (
        <form
          className="joins-form"
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
            back.mutate({ id: one.id, reason });
          }}
        >
          <TextArea
            name="reason"
            label={t("joins.apartBackReason")}
            minLength={4}
            maxLength={500}
            required
          />
          <Button type="submit" look="primary" busy={back.isPending}>
            {t("joins.apartBackNow")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={back.error} />
    </li>
  );
}
