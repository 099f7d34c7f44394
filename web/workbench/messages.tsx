import type { ConsultDetail } from "../../server/consult/contract.ts";
import { Card } from "../design/components/card.tsx";
import { useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";

/** What both sides have written to each other about this request. */
export function Messages({ consult }: { consult: ConsultDetail }) {
  const t = useText();
  if (consult.messages.length === 0) return null;
  return (
    <Card title={t("workbench.messages.title")}>
      <ul className="messages">
        {consult.messages.map((message) => (
          <li key={message.id}>
            <p className="muted small">
              {message.by} · {message.institution} · {shortTime(message.at)}
            </p>
            <p className="pre-line">{message.text}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
