import { useState } from "react";
import { Button } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { Lecture, PlannedPoll } from "../lecture.ts";
import { letter, PollResults } from "../poll-card.tsx";
import { PollForm } from "./poll-form.tsx";

/** Questions that were planned, and one that comes to mind: open, close, show. */
export function Polls({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { live, acts, polls } = lecture;
  const [writing, setWriting] = useState(false);
  const open = live.poll?.open ? live.poll : null;
  return (
    <div className="stack">
      <ProblemNotice error={acts.problem} />
      {live.poll ? (
        <section className="poll-now">
          <p className="row spread">
            <span className="strong">{live.poll.question}</span>
            <Status tone={live.poll.open ? "good" : "quiet"}>
              {t(
                live.poll.open
                  ? "lecture.polls.isOpen"
                  : live.poll.results
                    ? "lecture.polls.isShown"
                    : "lecture.polls.isClosed",
              )}
            </Status>
          </p>
          {live.poll.results ? (
            <PollResults poll={live.poll} />
          ) : (
            <Answered lecture={lecture} pollId={live.poll.pollId} />
          )}
          <div className="row">
            {live.poll.open ? (
              <Button onClick={() => acts.run(() => acts.closePoll(live.poll!.pollId))}>
                {t("lecture.polls.close")}
              </Button>
            ) : null}
            {live.poll.results ? null : (
              <Button
                look="primary"
                onClick={() => acts.run(() => acts.showResults(live.poll!.pollId, live.poll!.open))}
              >
                {t("lecture.polls.show")}
              </Button>
            )}
          </div>
        </section>
      ) : null}
      {polls
        .filter((poll) => poll.id !== live.poll?.pollId)
        .map((poll) => (
          <PlannedLine
            key={poll.id}
            poll={poll}
            disabled={open !== null}
            onOpen={() => acts.run(() => acts.openPoll(poll.id))}
          />
        ))}
      {writing ? (
        <PollForm
          onDone={() => setWriting(false)}
          onAsk={(question) => acts.askPoll(question)}
          onCancel={() => setWriting(false)}
        />
      ) : (
        <Button onClick={() => setWriting(true)}>{t("lecture.polls.write")}</Button>
      )}
    </div>
  );
}

function Answered({ lecture, pollId }: { lecture: Lecture; pollId: string }) {
  const t = useText();
  const known = lecture.polls.find((poll) => poll.id === pollId);
  return known?.answered == null ? null : (
    <p className="muted small">{t("lecture.poll.count", { count: known.answered })}</p>
  );
}

function PlannedLine({
  poll,
  disabled,
  onOpen,
}: {
  poll: PlannedPoll;
  disabled: boolean;
  onOpen: () => void;
}) {
  const t = useText();
  return (
    <section className="poll-planned">
      <p className="row spread">
        <span className="strong grow">{poll.question}</span>
        {poll.quiz ? (
          <Status tone="info" icon={null}>
            {t("lecture.poll.quiz")}
          </Status>
        ) : null}
      </p>
      <p className="muted small">
        {poll.options.map((option, index) => `${letter(index)} ${option}`).join("　")}
      </p>
      <Button size="small" look="soft" disabled={disabled} onClick={onOpen}>
        {t("lecture.polls.open")}
      </Button>
    </section>
  );
}
