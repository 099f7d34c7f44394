import { useState } from "react";
import type { SessionView } from "../../../server/teaching/contract.ts";
import { Button } from "../../design/components/button.tsx";
import { Status } from "../../design/components/status.tsx";
import { record } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { keepPlace, lastPlace, type Place } from "../device.ts";
import { useTitle } from "../words.ts";

/** Before one comes in: what it is, when, whether it is recorded, and whether many people watch this screen. */
export function ClinicDoor({
  session,
  onEnter,
}: {
  session: SessionView;
  onEnter: (place: Place) => void;
}) {
  const t = useText();
  const title = useTitle(session.title);
  const house = useTitle(session.institution);
  const [place, setPlace] = useState<Place>(lastPlace);
  const open = session.state === "live";
  return (
    <>
      <div>
        <h1>{title}</h1>
        <p className="muted">{[session.presenter, house].filter(Boolean).join(" · ")}</p>
      </div>
      {session.record ? (
        <p>
          <Status tone="info" icon={record}>
            {t("lecture.door.recorded")}
          </Status>
        </p>
      ) : null}
      <fieldset>
        <legend className="field-label">{t("lecture.door.whoIsHere")}</legend>
        {(
          [
            ["person", "alone", "aloneHow"],
            ["site", "many", "manyHow"],
          ] as const
        ).map(([value, label, how]) => (
          <label key={value} className="way">
            <input
              type="radio"
              name="place"
              checked={place === value}
              onChange={() => setPlace(value)}
            />
            <span>
              <span className="strong">{t(`lecture.door.${label}`)}</span>
              <span className="muted small">{t(`lecture.door.${how}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {open ? (
        <Button
          look="primary"
          size="large"
          wide
          onClick={() => {
            keepPlace(place);
            onEnter(place);
          }}
        >
          {t("lecture.door.enter")}
        </Button>
      ) : (
        <p className="strong" role="status">
          {session.startsAt
            ? t("lecture.door.startsAt", { when: dayTime(session.startsAt) })
            : t("lecture.head.waiting")}
        </p>
      )}
    </>
  );
}
