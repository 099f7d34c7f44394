import { useState } from "react";
import { Button } from "../../design/components/button.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { NewPoll } from "../lecture.ts";
import { letter } from "../poll-card.tsx";

const mostOptions = 6;

/** One question, written while one speaks: as few fields as it takes. */
export function PollForm({
  onAsk,
  onDone,
  onCancel,
}: {
  onAsk: (poll: NewPoll) => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [question, setQuestion] = useState("");
  const [options, setOptions] = useState(["", ""]);
  const [right, setRight] = useState<number[]>([]);
  const [quiz, setQuiz] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const full = options.map((option) => option.trim()).filter(Boolean);
  const ask = async () => {
    setBusy(true);
    try {
      await onAsk({
        question: question.trim(),
        options: full,
        choice: right.length > 1 ? "multiple" : "single",
        quiz,
        right: quiz ? right : [],
      });
      onDone();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      className="stack stack-2"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <TextField
        label={t("lecture.polls.question")}
        maxLength={200}
        required
        value={question}
        onChange={({ target }) => setQuestion(target.value)}
      />
      {options.map((option, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place
          key={index}
          className="row"
        >
          <div className="grow">
            <TextField
              label={t("lecture.polls.option", { letter: letter(index) })}
              maxLength={100}
              value={option}
              onChange={({ target }) => {
                const next = options.map((one, at) => (at === index ? target.value : one));
                // A new empty one follows the last that is filled.
                if (next.every((one) => one) && next.length < mostOptions) next.push("");
                setOptions(next);
              }}
            />
          </div>
          {quiz && option.trim() ? (
            <CheckField
              label={t("lecture.poll.right")}
              checked={right.includes(index)}
              onChange={({ target }) =>
                setRight(target.checked ? [...right, index] : right.filter((one) => one !== index))
              }
            />
          ) : null}
        </div>
      ))}
      <CheckField
        label={t("lecture.polls.quiz")}
        hint={t("lecture.polls.quizHint")}
        checked={quiz}
        onChange={({ target }) => setQuiz(target.checked)}
      />
      <ProblemNotice error={error} />
      <div className="row">
        <Button
          type="submit"
          look="primary"
          busy={busy}
          disabled={!question.trim() || full.length < 2 || (quiz && right.length === 0)}
        >
          {t("lecture.polls.ask")}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
