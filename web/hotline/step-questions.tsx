import type { FlagAnswer } from "../../server/hotline/domain.ts";
import { Card } from "../design/components/card.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { Choices } from "./choices.tsx";
import type { HotlineOverview } from "./queries.ts";
import { inWords } from "./words.ts";

/** The three questions, one after the other; any yes and any "don't know" ends booking here. */
export function StepQuestions({
  questions,
  answers,
  onAnswer,
  busy,
}: {
  questions: HotlineOverview["questions"];
  answers: readonly FlagAnswer[];
  onAnswer: (answers: FlagAnswer[]) => void;
  busy: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const asked = questions[answers.length];
  return (
    <Card
      strong
      title={t("hotline.questions.title", { at: answers.length + 1, of: questions.length })}
      aside={<Status tone="warn">{t("hotline.questions.first")}</Status>}
    >
      {asked ? (
        <>
          <p className="hotline-say">{inWords(asked, language)}</p>
          {language === "zh-CN" ? null : (
            <p className="muted" lang="zh-CN">
              {asked.zh}
            </p>
          )}
          <Choices
            key={answers.length}
            label={inWords(asked, language)}
            busy={busy}
            options={(["no", "yes", "unknown"] as const).map((answer) => ({
              id: answer,
              label: t(`hotline.answer.${answer}`),
            }))}
            onChoose={(answer) => onAnswer([...answers, answer as FlagAnswer])}
          />
        </>
      ) : null}
    </Card>
  );
}
