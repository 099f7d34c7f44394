import { useText } from "../i18n/i18n.ts";
import { useRoom } from "./room-context.ts";

/** The captions' place below the picture: what is written in the room, large, newest last. */
export function CaptionStrip() {
  const t = useText();
  const { room } = useRoom();
  const lines = room.chat.filter((message) => message.channel === "room").slice(-2);
  return (
    <section className="captions" aria-live="polite" aria-label={t("room.captions.label")}>
      {lines.length === 0 ? <p className="muted">{t("room.captions.empty")}</p> : null}
      {lines.map((message) => (
        <p key={message.id}>
          <span className="muted">{message.name}：</span>
          {message.text}
        </p>
      ))}
    </section>
  );
}
