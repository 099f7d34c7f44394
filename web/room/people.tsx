import { Button } from "../design/components/button.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { offline } from "../design/icons.ts";
import { line, microphoneOff, thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { LineWord } from "./media/index.ts";
import { useRoom } from "./room-context.ts";
import { useRoleWords } from "./tile.tsx";

const look: Record<LineWord, { tone: Tone; icon: string }> = {
  good: { tone: "good", icon: line },
  fair: { tone: "quiet", icon: line },
  thin: { tone: "warn", icon: thinLine },
  gone: { tone: "bad", icon: offline },
};

/** Who is here and how the line is, in words; a doctor may mute, remove, admit. */
export function People() {
  const t = useText();
  const { room, client, captions, setCaptions } = useRoom();
  const roleWords = useRoleWords();
  const rules = room.me?.moderator ?? false;
  return (
    <section className="side-section">
      <h2>{t("room.people.title")}</h2>
      <ul className="people">
        <li>
          <span className="grow">
            <strong>{room.me?.name ?? t("room.tile.self")}</strong>{" "}
            <span className="muted">{t("room.people.me")}</span>
          </span>
          <Status {...look[room.line]}>{t(`room.line.${room.line}`)}</Status>
        </li>
        {room.peers.map((peer) => (
          <li key={peer.id}>
            <span className="grow">
              <strong>{peer.name}</strong>{" "}
              <span className="muted small">
                {roleWords(peer.role)} {peer.org}
              </span>
            </span>
            <Status {...look[peer.line]}>{t(`room.line.${peer.line}`)}</Status>
            {rules ? (
              <span className="row">
                {peer.producers.some(
                  (producer) => producer.source === "audio" && !producer.paused,
                ) ? (
                  <Button
                    size="small"
                    icon={microphoneOff}
                    aria-label={t("room.people.mute", { name: peer.name })}
                    onClick={() => void client.mute(peer.id)}
                  >
                    {t("room.controls.mute")}
                  </Button>
                ) : null}
                <Button
                  size="small"
                  look="quiet"
                  aria-label={t("room.people.remove", { name: peer.name })}
                  onClick={() => void client.remove(peer.id)}
                >
                  {t("common.remove")}
                </Button>
              </span>
            ) : null}
          </li>
        ))}
        {room.waiting.map((peer) => (
          <li key={peer.id}>
            <span className="grow">
              <strong>{peer.name}</strong> <Status tone="info">{t("room.people.atDoor")}</Status>
            </span>
            {rules ? (
              <span className="row">
                <Button look="primary" size="small" onClick={() => void client.admit(peer.id)}>
                  {t("room.lobby.admit")}
                </Button>
                <Button size="small" onClick={() => void client.refuse(peer.id)}>
                  {t("room.lobby.refuse")}
                </Button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      <CheckField
        label={t("room.captions.show")}
        hint={t("room.captions.hint")}
        checked={captions}
        onChange={(event) => setCaptions(event.target.checked)}
      />
      {room.me?.private ? (
        <CheckField
          label={t("room.private.sound")}
          hint={t("room.private.soundHint")}
          checked={room.privateAudio}
          onChange={(event) => void client.setPrivateAudio(event.target.checked)}
        />
      ) : null}
      {room.demo ? (
        <div className="row">
          <Button icon={thinLine} onClick={() => void client.simulateThinLine(true)}>
            {t("room.demo.thin")}
          </Button>
          <Button icon={line} onClick={() => void client.simulateThinLine(false)}>
            {t("room.demo.good")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
