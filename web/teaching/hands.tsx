import type { Hand } from "../../timeline/fold.ts";
import { handsShown } from "../../timeline/fold.ts";
import { Button } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { speaker } from "../design/icons.ts";
import { chat } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Lecture } from "./lecture.ts";

/** Who wants to say something, in order; the first twenty, and how many more. */
export function Hands({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { live, acts } = lecture;
  const { hands } = live;
  const guests = live.stage.filter((person) => person.role === "guest");
  return (
    <div className="stack">
      {guests.length > 0 ? (
        <ul className="hands" aria-label={t("lecture.hands.onStage")}>
          {guests.map((person) => (
            <li key={person.personId}>
              <span className="grow">
                <span className="strong">{person.name}</span>{" "}
                <span className="muted small">{person.org}</span>{" "}
                <Status tone="good">{t("lecture.hands.speaking")}</Status>
              </span>
              <Button size="small" onClick={() => acts.run(() => acts.demote(person.personId))}>
                {t("lecture.hands.back")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {hands.length === 0 ? (
        <p className="muted">{t("lecture.hands.none")}</p>
      ) : (
        <ol className="hands" aria-label={t("lecture.hands.title")}>
          {hands.slice(0, handsShown).map((hand, place) => (
            <HandLine key={hand.seq} hand={hand} place={place + 1} lecture={lecture} />
          ))}
        </ol>
      )}
      {hands.length > handsShown ? (
        <p className="muted small">
          {t("lecture.hands.more", { count: hands.length - handsShown })}
        </p>
      ) : null}
    </div>
  );
}

function HandLine({ hand, place, lecture }: { hand: Hand; place: number; lecture: Lecture }) {
  const t = useText();
  const { acts } = lecture;
  return (
    <li>
      <span className="figure strong hands-place">{place}</span>
      <div className="grow">
        <p>
          <span className="strong">{hand.by?.name}</span>{" "}
          <span className="muted small">{hand.by?.org}</span>
        </p>
        <p className="row small">
          <Status tone="quiet" icon={hand.way === "voice" ? speaker : chat}>
            {t(`lecture.hand.way.${hand.way}`)}
          </Status>
          <span>{t(`common.languageName.${hand.language}`)}</span>
        </p>
        {hand.text ? (
          <p className="pre-line" lang={hand.language}>
            {hand.text}
          </p>
        ) : null}
        <div className="row">
          {hand.way === "voice" ? (
            <Button
              size="small"
              look="primary"
              onClick={() => acts.run(() => acts.promote(hand.seq))}
            >
              {t("lecture.hands.toStage")}
            </Button>
          ) : null}
          <Button
            size="small"
            look="quiet"
            onClick={() => acts.run(() => acts.lowerHand(hand.seq, "host"))}
          >
            {t(hand.way === "text" ? "lecture.hands.done" : "lecture.hands.lower")}
          </Button>
        </div>
      </div>
    </li>
  );
}
