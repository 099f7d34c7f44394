import { useState } from "react";
import type { EntryLanguage } from "../../../timeline/entries.ts";
import { Button } from "../../design/components/button.tsx";
import { TextField } from "../../design/components/field.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";

/** An interpreter's own: which language is spoken on the channel, and captions, a line at a time. */
export function Interpreter({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { room, client, acts } = lecture;
  const reads = useLanguage();
  const [text, setText] = useState("");
  const speaking =
    room.interpretation.channels.find((one) => one.peerId === room.peerId)?.channel ?? null;
  const language: EntryLanguage =
    speaking === "bo" || speaking === "zh-CN" || speaking === "en" ? speaking : reads;
  return (
    <div className="stack">
      <Segmented
        label={t("lecture.interpret.speak")}
        value={speaking ?? "none"}
        onChange={(next) => void client.interpret(next === "none" ? null : next).catch(() => {})}
        options={[
          { value: "none", label: t("lecture.interpret.off") },
          { value: "bo", label: t("common.languageName.bo") },
          { value: "zh-CN", label: t("common.languageName.zh-CN") },
        ]}
      />
      <form
        className="talk-form"
        onSubmit={(event) => {
          event.preventDefault();
          const words = text.trim();
          if (!words) return;
          setText("");
          acts.run(() => acts.caption(language, words));
        }}
      >
        <div className="grow">
          <TextField
            label={t("lecture.captions.write")}
            lang={language}
            autoComplete="off"
            maxLength={500}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </div>
        <Button type="submit" look="primary">
          {t("lecture.talk.send")}
        </Button>
      </form>
    </div>
  );
}
