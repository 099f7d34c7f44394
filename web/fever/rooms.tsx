import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { type RoomList, useAddRoom, useChangeRoom, useEntrance, useRoomList } from "./queries.ts";

const kinds = ["room", "isolation", "observation"] as const;

/** Rooms of the own site, added, renamed, closed and reopened; and the words for the door. */
export function Rooms() {
  const t = useText();
  const list = useRoomList();
  if (list.isPending) return <Skeleton lines={6} />;
  if (!list.data) return <ProblemNotice error={list.error} retry={() => void list.refetch()} />;
  return (
    <>
      <Card title={t("fever.keep.rooms")}>
        <ul className="fever-keep">
          {list.data.rooms.map((room) => (
            <RoomRow key={room.id} room={room} />
          ))}
        </ul>
        <NewRoom />
      </Card>
      <Entrance entrance={list.data.entrance} />
    </>
  );
}

function RoomRow({ room }: { room: RoomList["rooms"][number] }) {
  const t = useText();
  const change = useChangeRoom();
  // Of its own: a name is saved although what was opened a moment ago is still being read again.
  const rename = useChangeRoom();
  const [name, setName] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate({ id: room.id, name: name!.trim() }, { onSuccess: () => setName(null) });
  };
  return (
    <li className="stack stack-2">
      {name === null ? (
        <div className="row spread">
          <span>
            <strong>{room.name}</strong>{" "}
            <span className="muted small">{t(`fever.room.kind.${room.kind}`)}</span>
          </span>
          <span className="row">
            <Status tone={!room.active ? "quiet" : room.inUse ? "info" : "good"}>
              {t(
                !room.active
                  ? "fever.keep.closed"
                  : room.inUse
                    ? "fever.keep.inUse"
                    : "fever.keep.open",
              )}
            </Status>
            <Button look="quiet" onClick={() => setName(room.name)}>
              {t("fever.keep.rename")}
              <span className="visually-hidden"> {room.name}</span>
            </Button>
            {room.inUse ? null : (
              <Button
                look="quiet"
                busy={change.isPending}
                onClick={() => change.mutate({ id: room.id, active: !room.active })}
              >
                {t(room.active ? "fever.keep.close" : "fever.keep.reopen")}
                <span className="visually-hidden"> {room.name}</span>
              </Button>
            )}
          </span>
        </div>
      ) : (
        <form className="fever-keep-form" onSubmit={submit}>
          <TextField
            label={t("fever.keep.name")}
            required
            maxLength={40}
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Button look="primary" type="submit" busy={rename.isPending}>
            {t("fever.keep.save")}
          </Button>
          <Button look="quiet" onClick={() => setName(null)}>
            {t("common.cancel")}
          </Button>
        </form>
      )}
      <ProblemNotice error={change.error ?? rename.error} />
    </li>
  );
}

function NewRoom() {
  const t = useText();
  const add = useAddRoom();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<(typeof kinds)[number]>("room");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ name: name.trim(), kind }, { onSuccess: () => setName("") });
  };
  return (
    <form className="stack stack-2" onSubmit={submit}>
      <div className="fever-keep-form">
        <TextField
          label={t("fever.keep.newName")}
          required
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t("fever.keep.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value as (typeof kinds)[number])}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {t(`fever.room.kind.${one}`)}
            </option>
          ))}
        </SelectField>
        <Button type="submit" busy={add.isPending}>
          {t("fever.keep.add")}
        </Button>
      </div>
      <ProblemNotice error={add.error} />
    </form>
  );
}

function Entrance({ entrance }: { entrance: RoomList["entrance"] }) {
  const t = useText();
  const save = useEntrance();
  const [words, setWords] = useState({
    zh: entrance.zh,
    en: entrance.en ?? "",
    bo: entrance.bo ?? "",
  });
  return (
    <Card title={t("fever.keep.entrance")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(words);
        }}
      >
        <p className="muted">{t("fever.keep.entranceHow")}</p>
        {(["zh", "en", "bo"] as const).map((language) => (
          <TextArea
            key={language}
            rows={2}
            label={t(`fever.keep.words.${language}`)}
            lang={language === "zh" ? "zh-CN" : language}
            required
            maxLength={200}
            value={words[language]}
            onChange={(event) => setWords({ ...words, [language]: event.target.value })}
          />
        ))}
        <ProblemNotice error={save.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={save.isPending}>
            {t("fever.keep.save")}
          </Button>
          {save.isSuccess ? <Status tone="good">{t("fever.keep.saved")}</Status> : null}
        </div>
      </form>
    </Card>
  );
}
