import { useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Status } from "../design/components/status.tsx";
import { lock, send as sendIcon } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useRoom } from "./room-context.ts";
import { useRoleWords } from "./tile.tsx";

/** Written words for all, or among doctors only. */
export function Chat() {
  const t = useText();
  const { room, client } = useRoom();
  const roleWords = useRoleWords();
  const [text, setText] = useState("");
  const [channel, setChannel] = useState<"room" | "private">("room");
  const [failed, setFailed] = useState(false);
  const end = useRef<HTMLLIElement>(null);
  const mayPrivate = room.me?.private ?? false;
  // Nothing is returned: in newer browsers scrolling answers a promise, which React would call.
  // biome-ignore lint/correctness/useExhaustiveDependencies: to the newest line
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [room.chat.length]);

  const send = async () => {
    const words = text.trim();
    if (!words) return;
    setText("");
    try {
      await client.sendChat(words, channel);
      setFailed(false);
    } catch {
      setText(words);
      setFailed(true);
    }
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard */}
      <ol className="chat" aria-live="polite" aria-label={t("room.panel.chat")} tabIndex={0}>
        {room.chat.length === 0 ? <li className="muted">{t("room.chat.empty")}</li> : null}
        {room.chat.map((message) => (
          <li key={message.id} ref={end} data-mine={message.peerId === room.peerId || undefined}>
            <p className="muted small">
              {[...new Set([message.name, roleWords(message.role)])].join(" · ")} ·{" "}
              {clockTime(message.at)}{" "}
              {message.channel === "private" ? (
                <Status tone="info" icon={lock}>
                  {t("room.chat.doctorsOnly")}
                </Status>
              ) : null}
            </p>
            <p className="pre-line">{message.text}</p>
          </li>
        ))}
      </ol>
      <form
        className="chat-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {mayPrivate ? (
          <Segmented
            label={t("room.chat.to")}
            hideLabel
            value={channel}
            onChange={setChannel}
            options={[
              { value: "room", label: t("room.chat.everybody") },
              { value: "private", label: t("room.chat.doctorsOnly") },
            ]}
          />
        ) : null}
        <TextField
          label={t("room.chat.write")}
          autoComplete="off"
          maxLength={2000}
          value={text}
          error={failed ? t("room.chat.failed") : undefined}
          onChange={(event) => setText(event.target.value)}
        />
        <Button look="primary" type="submit" icon={sendIcon}>
          {t("room.chat.send")}
        </Button>
      </form>
    </>
  );
}
