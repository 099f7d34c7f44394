import { useState } from "react";
import type { EntryLanguage } from "../../../timeline/entries.ts";
import { handOf, placeOfHand } from "../../../timeline/fold.ts";
import { Button } from "../../design/components/button.tsx";
import { TextArea } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { hand as handIcon } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";

/** Asking: by voice or in writing, in one's own language; then the place in the queue. */
export function HandRaise({ lecture, onDone }: { lecture: Lecture; onDone: () => void }) {
  const t = useText();
  const { live, me, acts } = lecture;
  const own = handOf(live, me.person.id);
  const [way, setWay] = useState<"voice" | "text">("voice");
  const [language, setLanguage] = useState<EntryLanguage>(useLanguage());
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (own) {
    const ahead = placeOfHand(live, own.seq) ?? 0;
    return (
      <section className="stack hand-up">
        <p className="hand-ahead">
          <span className="figure">{ahead}</span> {t("lecture.hand.ahead")}
        </p>
        <p className="muted">{t(`lecture.hand.wait.${own.way}`)}</p>
        <Button wide onClick={() => acts.run(() => acts.lowerHand(own.seq, "own"))}>
          {t("lecture.hand.lower")}
        </Button>
      </section>
    );
  }
  const raise = async () => {
    setBusy(true);
    try {
      await acts.raiseHand({ way, language, text: way === "text" ? text.trim() : null });
      setError(null);
      if (way === "text") onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void raise();
      }}
    >
      <Segmented
        label={t("lecture.hand.how")}
        value={way}
        onChange={setWay}
        options={[
          { value: "voice", label: t("lecture.hand.way.voice") },
          { value: "text", label: t("lecture.hand.way.text") },
        ]}
      />
      <Segmented
        label={t("lecture.hand.language")}
        value={language}
        onChange={setLanguage}
        options={[
          { value: "bo", label: "བོད་སྐད།", lang: "bo" },
          { value: "zh-CN", label: "汉语", lang: "zh-CN" },
          { value: "en", label: "English", lang: "en" },
        ]}
      />
      {way === "text" ? (
        <TextArea
          label={t("lecture.hand.question")}
          lang={language}
          maxLength={500}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      ) : null}
      <ProblemNotice error={error} />
      <Button
        type="submit"
        look="primary"
        size="large"
        wide
        icon={handIcon}
        busy={busy}
        disabled={way === "text" && !text.trim()}
      >
        {t(way === "text" ? "lecture.hand.ask" : "lecture.hand.raise")}
      </Button>
    </form>
  );
}
