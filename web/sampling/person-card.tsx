import { useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { check, right, warning } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import type { Person } from "./engine.ts";

/** Who stands here: read back aloud, then one tap. */
export function PersonCard({
  person,
  tubeSize,
  paperCode,
  onDone,
  onNot,
  onFever,
}: {
  person: Person;
  tubeSize: number;
  /** Registered on this phone only: written on paper for him, it is his pass. */
  paperCode: string | null;
  onDone: () => void;
  onNot: () => void;
  /** @param tell the person agreed that the fever desk is told */
  onFever: (tell: boolean) => void;
}) {
  const t = useText();
  const [hot, setHot] = useState(false);
  const card = useRef<HTMLElement>(null);
  const alone = person.single && tubeSize > 1;
  const over = person.state === "sampled" || person.state === "led-away";
  useEffect(() => {
    card.current?.focus();
    card.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section
      className="person-card"
      ref={card}
      tabIndex={-1}
      aria-label={t("sampling.readBack")}
      data-who={person.name}
    >
      <p className="muted">{t("sampling.readBack")}</p>
      <h2 className="person-name">{person.name}</h2>
      <p className="person-digits">
        <span className="muted">{t(`sampling.lastFour.${person.lastFourOf}`)}</span>
        <strong>{person.lastFour || "—"}</strong>
      </p>
      <p className="row person-tags">
        {person.priority ? (
          <Status tone="info">{t(`sampling.priority.${person.priority}`)}</Status>
        ) : null}
        <Status tone="quiet" icon={null}>
          {t(`sampling.purpose.${person.purpose}`)}
        </Status>
        {person.recalled ? <Status tone="warn">{t("sampling.again")}</Status> : null}
      </p>
      {paperCode ? (
        <div className="paper-letters">
          <p>{t("sampling.drafts.write")}</p>
          <p className="pass-letters">{paperCode.replace(/(.{4})(?=.)/u, "$1 ")}</p>
        </div>
      ) : null}
      {over || alone ? (
        <Notice
          tone="bad"
          title={t(
            over
              ? `sampling.already.${person.state as "sampled" | "led-away"}`
              : person.fever
                ? "sampling.aloneFever"
                : "sampling.alone",
          )}
        >
          {over ? null : t(person.fever ? "sampling.aloneFeverHow" : "sampling.aloneHow")}
        </Notice>
      ) : null}
      {hot ? (
        <section className="stack stack-2" aria-label={t("sampling.fever")}>
          <p className="strong">{t("sampling.feverAsk")}</p>
          <Button look="primary" size="large" wide icon={check} onClick={() => onFever(true)}>
            {t("sampling.feverTell")}
          </Button>
          <Button wide icon={warning} className="fever-button" onClick={() => onFever(false)}>
            {t("sampling.feverOnly")}
          </Button>
          <Button look="quiet" onClick={() => setHot(false)}>
            {t("sampling.feverBack")}
          </Button>
        </section>
      ) : null}
      {over || alone || hot ? null : (
        <Button look="primary" size="large" wide icon={check} onClick={onDone}>
          {t("sampling.done")}
        </Button>
      )}
      <div className="person-other">
        <Button onClick={onNot}>{t(over || alone ? "sampling.next" : "sampling.notThis")}</Button>
        {over || hot ? null : (
          <Button icon={warning} className="fever-button" onClick={() => setHot(true)}>
            {t("sampling.fever")}
          </Button>
        )}
      </div>
    </section>
  );
}

/** Several have these digits: the name decides. */
export function PickPerson({
  people,
  onPick,
  onNone,
}: {
  people: readonly Person[];
  onPick: (person: Person) => void;
  onNone: () => void;
}) {
  const t = useText();
  return (
    <section className="stack stack-2">
      <h2>{t("sampling.which")}</h2>
      <ul className="list">
        {people.slice(0, 20).map((one) => (
          <li key={one.registrationId}>
            <button type="button" className="list-row row-button" onClick={() => onPick(one)}>
              <span className="grow">
                <span className="strong">{one.name}</span>{" "}
                <span className="muted figure">{one.lastFour}</span>
              </span>
              {one.state === "sampled" ? (
                <Status tone="good">{t("sampling.already.sampled")}</Status>
              ) : null}
              <Icon path={right} />
            </button>
          </li>
        ))}
      </ul>
      <Button onClick={onNone}>{t("sampling.noneOfThem")}</Button>
    </section>
  );
}
