import { useState } from "react";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextArea } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { send } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { shortTime } from "../i18n/time.ts";
import { useReferralAnswer } from "./queries.ts";

/** What both houses say to each other about this patient, in the referral and not beside it. */
export function Conversation({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const named = useNameOf();
  const [text, setText] = useState("");
  const answer = useReferralAnswer();
  const say = useWrite(
    (words: string, key) =>
      api.post<ReferralDetail>(`/api/referrals/${referral.id}/messages`, { text: words }, key),
    {
      onDone: (detail) => {
        answer(detail);
        setText("");
      },
    },
  );
  return (
    <Card title={t("referral.talk.title")}>
      {referral.messages.length === 0 ? (
        <p className="muted small">{t("referral.talk.empty")}</p>
      ) : (
        <ul className="messages">
          {referral.messages.map((message) => (
            <li key={message.id}>
              <p className="muted small">
                {[
                  message.by,
                  message.institution ? named(message.institution) : null,
                  shortTime(message.at),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
              <p className="pre-line">{message.text}</p>
            </li>
          ))}
        </ul>
      )}
      <form
        className="reason-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) say.mutate(text.trim());
        }}
      >
        <TextArea
          label={t("referral.talk.say")}
          rows={2}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <ProblemNotice error={say.error} />
        <Button type="submit" icon={send} className="align-start" busy={say.isPending}>
          {t("referral.talk.send")}
        </Button>
      </form>
    </Card>
  );
}
