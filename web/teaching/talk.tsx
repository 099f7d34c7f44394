import { useEffect, useRef, useState } from "react";
import type { ChatLine, LiveState } from "../../timeline/fold.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { pin as pinIcon, send as sendIcon } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";

/** What the lead may do with a line. */
export type TalkRule = {
  pin(line: ChatLine): Promise<unknown>;
  unpin(line: ChatLine): Promise<unknown>;
  remove(line: ChatLine): Promise<unknown>;
};

/** Written words: pinned questions stay on top; the newest line is in sight unless one reads further up. */
export function Talk({
  live,
  ownId,
  send,
  rule,
}: {
  live: LiveState;
  ownId: string;
  /** Null when nothing may be written any more. */
  send: ((text: string, question: boolean) => Promise<unknown>) | null;
  rule?: TalkRule;
}) {
  const t = useText();
  const list = useRef<HTMLOListElement>(null);
  const [text, setText] = useState("");
  const [failed, setFailed] = useState(false);
  const newest = live.chat.at(-1)?.seq;
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: to the newest line
  useEffect(() => {
    const box = list.current;
    if (box && atEnd.current) box.scrollTop = box.scrollHeight;
  }, [newest]);
  const put = async () => {
    const words = text.trim();
    if (!words || !send) return;
    setText("");
    try {
      await send(words, /[?？]\s*$|པས།?\s*$/.test(words));
      setFailed(false);
    } catch {
      setText(words);
      setFailed(true);
    }
  };
  const isPinned = (line: ChatLine) => live.pinned.some((one) => one.seq === line.seq);
  return (
    <div className="talk">
      {live.pinned.length > 0 ? (
        <ul className="talk-pinned" aria-label={t("lecture.talk.pinned")}>
          {live.pinned.map((line) => (
            <li key={line.seq}>
              <Icon path={pinIcon} size="small" />
              <span className="grow">
                <span className="strong">{line.text}</span>{" "}
                <span className="muted small">{who(line)}</span>
              </span>
              {rule ? (
                <Button
                  size="small"
                  look="quiet"
                  onClick={() => void rule.unpin(line).catch(() => {})}
                >
                  {t("lecture.talk.unpin")}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      <ol
        ref={list}
        className="talk-lines"
        aria-live="polite"
        aria-label={t("lecture.talk.title")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: box }) => {
          atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
        }}
      >
        {live.chat.length === 0 ? <li className="muted">{t("lecture.talk.empty")}</li> : null}
        {live.chat.map((line) => (
          <li key={line.seq} data-mine={line.by?.id === ownId || undefined}>
            <p className="muted small">
              {who(line)} · {clockTime(line.at)}
            </p>
            <p className="pre-line">{line.text}</p>
            {rule ? (
              <p className="talk-rule">
                {isPinned(line) ? null : (
                  <button type="button" onClick={() => void rule.pin(line).catch(() => {})}>
                    {t("lecture.talk.pin")}
                    <span className="visually-hidden">：{line.text}</span>
                  </button>
                )}
                <button type="button" onClick={() => void rule.remove(line).catch(() => {})}>
                  {t("lecture.talk.remove")}
                  <span className="visually-hidden">：{line.text}</span>
                </button>
              </p>
            ) : null}
          </li>
        ))}
      </ol>
      {send ? (
        <form
          className="talk-form"
          onSubmit={(event) => {
            event.preventDefault();
            void put();
          }}
        >
          <div className="grow">
            <TextField
              label={t("lecture.talk.write")}
              hint={
                live.slowModeSeconds > 0
                  ? t("lecture.talk.slow", { seconds: live.slowModeSeconds })
                  : undefined
              }
              autoComplete="off"
              maxLength={500}
              value={text}
              error={failed ? t("lecture.talk.failed") : undefined}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <Button look="primary" type="submit" icon={sendIcon}>
            {t("lecture.talk.send")}
          </Button>
        </form>
      ) : null}
    </div>
  );
}

const who = ({ by }: ChatLine) => [by?.name, by?.org].filter(Boolean).join(" · ");
