import { useState } from "react";
import type { Poll } from "../../timeline/fold.ts";
import { Button } from "../design/components/button.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Status } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { minus, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

export const letter = (index: number) => String.fromCharCode(65 + index);

/** A question that is put to all: chosen by oneself, or counted by hands in front of a screen. */
export function PollCard({
  poll,
  asSite,
  answered,
  onAnswer,
}: {
  poll: Poll;
  asSite: boolean;
  answered: boolean;
  onAnswer: (answer: { options: number[] } | { counts: number[] }) => Promise<unknown>;
}) {
  const t = useText();
  const [chosen, setChosen] = useState<number[]>([]);
  const [counts, setCounts] = useState<number[]>(() => poll.options.map(() => 0));
  const [state, setState] = useState<"open" | "sending" | "failed">("open");
  const give = async (answer: { options: number[] } | { counts: number[] }) => {
    setState("sending");
    try {
      await onAnswer(answer);
      setState("open");
    } catch {
      setState("failed");
    }
  };
  return (
    <section
      className="poll"
      aria-label={t(poll.quiz ? "lecture.poll.quiz" : "lecture.poll.title")}
    >
      <h2>{poll.question}</h2>
      {poll.results ? (
        <PollResults poll={poll} />
      ) : !poll.open ? (
        <p className="muted">{t("lecture.poll.closed")}</p>
      ) : answered ? (
        <p>
          <Status tone="good">{t("lecture.poll.answered")}</Status>
        </p>
      ) : (
        <form
          className="stack stack-2"
          onSubmit={(event) => {
            event.preventDefault();
            void give(asSite ? { counts } : { options: chosen });
          }}
        >
          {poll.options.map((option, index) =>
            asSite ? (
              <div key={option} className="poll-count">
                <span className="grow">
                  {letter(index)} {option}
                </span>
                <Button
                  aria-label={t("lecture.poll.fewer", { option })}
                  icon={minus}
                  disabled={counts[index] === 0}
                  onClick={() => setCounts(counts.map((n, at) => (at === index ? n - 1 : n)))}
                >
                  {""}
                </Button>
                <output className="figure strong">{counts[index]}</output>
                <Button
                  aria-label={t("lecture.poll.more", { option })}
                  icon={plus}
                  onClick={() => setCounts(counts.map((n, at) => (at === index ? n + 1 : n)))}
                >
                  {""}
                </Button>
              </div>
            ) : poll.choice === "multiple" ? (
              <CheckField
                key={option}
                label={`${letter(index)} ${option}`}
                checked={chosen.includes(index)}
                onChange={({ target }) =>
                  setChosen(
                    target.checked ? [...chosen, index] : chosen.filter((one) => one !== index),
                  )
                }
              />
            ) : (
              <label key={option} className="poll-option">
                <input
                  type="radio"
                  name={poll.pollId}
                  checked={chosen[0] === index}
                  onChange={() => setChosen([index])}
                />
                <span>
                  {letter(index)} {option}
                </span>
              </label>
            ),
          )}
          <Button
            look="primary"
            type="submit"
            wide
            busy={state === "sending"}
            disabled={asSite ? counts.every((count) => count === 0) : chosen.length === 0}
          >
            {t(asSite ? "lecture.poll.giveCounts" : "lecture.poll.give")}
          </Button>
          {state === "failed" ? (
            <p className="bad-text" role="alert">
              {t("lecture.poll.failed")}
            </p>
          ) : null}
        </form>
      )}
    </section>
  );
}

/** How many chose what; the right one is marked by a word, not by colour alone. */
export function PollResults({ poll }: { poll: Poll }) {
  const t = useText();
  const { results } = poll;
  if (!results) return null;
  const most = Math.max(1, ...results.counts);
  return (
    <>
      <ul className="poll-results">
        {poll.options.map((option, index) => {
          const count = results.counts[index] ?? 0;
          const right = results.right?.includes(index);
          return (
            <li key={option} data-right={right || undefined}>
              <span className="poll-words">
                {letter(index)} {option}
                {right ? (
                  <span className="poll-right">
                    <Icon path={check} size="small" />
                    {t("lecture.poll.right")}
                  </span>
                ) : null}
              </span>
              <span className="figure strong">{count}</span>
              <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(count / most) * 100} height="4" />
              </svg>
            </li>
          );
        })}
      </ul>
      <p className="muted small">{t("lecture.poll.count", { count: results.answered })}</p>
    </>
  );
}
