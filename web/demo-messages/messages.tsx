import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { phone as phoneIcon } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import "./messages.css";

type Message = { at: string; phone: string; text: string };
type Answered = { outcome: string; reply: string | null };

/** The demo's phones: what was sent to each, newest first, and a line to answer as that phone. */
export function Messages() {
  const t = useText();
  const [phone, setPhone] = useState("");
  const [text, setText] = useState("");
  const [own, setOwn] = useState<{ text: string; silent: boolean } | null>(null);
  const list = useQuery({
    queryKey: ["demo-sms"],
    queryFn: ({ signal }) => api.get<{ messages: Message[] }>("/api/demo/sms", signal),
    refetchInterval: 2000,
  });
  const messages = list.data?.messages ?? [];
  const phones = [...new Set(messages.map((one) => one.phone))];
  const shown = phone || (phones[0] ?? "");
  const send = useWrite(
    (body: { phone: string; text: string }, key) => api.post<Answered>("/api/demo/sms", body, key),
    {
      onDone: (answer, body) => {
        setOwn({ text: body.text, silent: answer.reply === null });
        setText("");
        void list.refetch();
      },
    },
  );
  useEffect(() => {
    document.title = t("demoMessages.title");
  });
  return (
    <main id="main" className="messages">
      <header className="row spread">
        <h1>{t("demoMessages.title")}</h1>
        <LanguageSwitch />
      </header>
      <p className="muted">{t("demoMessages.why")}</p>
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data && messages.length === 0 ? (
        <Empty icon={phoneIcon} title={t("demoMessages.none")}>
          {t("demoMessages.noneHow")}
        </Empty>
      ) : null}
      {phones.length > 0 ? (
        <SelectField
          label={t("demoMessages.phone")}
          value={shown}
          onChange={(event) => {
            setPhone(event.target.value);
            setOwn(null);
          }}
        >
          {phones.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
      ) : null}
      {shown ? (
        <form
          className="messages-answer"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) send.mutate({ phone: shown, text: text.trim() });
          }}
        >
          <TextField
            label={t("demoMessages.answer")}
            hint={t("demoMessages.answerHint")}
            maxLength={200}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" look="primary" busy={send.isPending}>
            {t("demoMessages.send")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={send.error} />
      <ul className="messages-list" aria-live="polite">
        {own ? (
          <li className="message" data-own="">
            <p>{own.text}</p>
            <p className="muted small">
              {t(own.silent ? "demoMessages.silent" : "demoMessages.replied")}
            </p>
          </li>
        ) : null}
        {messages
          .filter((one) => one.phone === shown)
          .map((one) => (
            <li key={one.at + one.text} className="message">
              <p>{one.text}</p>
              <p className="muted small">{shortTime(one.at)}</p>
            </li>
          ))}
      </ul>
    </main>
  );
}
