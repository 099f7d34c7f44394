import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useRoom } from "./room-context.ts";

/** People who are in the room at the patient's side but not in the picture, named by the doctor there. */
export function RollCall() {
  const t = useText();
  const { room, client } = useRoom();
  const [name, setName] = useState("");
  const [relation, setRelation] = useState("");
  const entries = room.rollCall?.entries ?? [];
  return (
    <section className="side-section">
      <h2>{t("room.rollcall.title")}</h2>
      <p className="muted small">
        {room.rollCall
          ? t("room.rollcall.by", { name: room.rollCall.by, time: clockTime(room.rollCall.at) })
          : t("room.rollcall.none")}
      </p>
      <ul className="people">
        {entries.map((entry) => (
          <li key={entry.name + entry.relation}>
            <span className="grow">
              <strong>{entry.name}</strong> <span className="muted">{entry.relation}</span>
            </span>
            {room.me?.moderator ? (
              <Button
                size="small"
                look="quiet"
                onClick={() => void client.setRollCall(entries.filter((other) => other !== entry))}
              >
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {room.me?.moderator ? (
        <form
          className="stack stack-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (!name.trim()) return;
            void client.setRollCall([...entries, { name: name.trim(), relation: relation.trim() }]);
            setName("");
            setRelation("");
          }}
        >
          <TextField
            label={t("room.rollcall.name")}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t("room.rollcall.relation")}
            value={relation}
            onChange={(event) => setRelation(event.target.value)}
          />
          <Button type="submit" icon={plus} className="align-start">
            {t("room.rollcall.add")}
          </Button>
        </form>
      ) : null}
    </section>
  );
}
