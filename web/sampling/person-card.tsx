import { useEffect, useRef } from "react";
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
  onDone,
  onNot,
  onFever,
}: {
  person: Person;
  tubeSize: number;
  onDone: () => void;
  onNot: () => void;
  onFever: () => void;
}) {
  const t = useText();
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
      {over || alone ? null : (
        <Button look="primary" size="large" wide icon={check} onClick={onDone}>
          {t("sampling.done")}
        </Button>
      )}
      <div className="person-other">
        <Button onClick={onNot}>{t(over || alone ? "sampling.next" : "sampling.notThis")}</Button>
        {over ? null : (
          <Button icon={warning} className="fever-button" onClick={onFever}>
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
