import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { MyHelpers as Answer } from "../../server/helpers/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";

const key = ["my", "helpers"];

/** Who may book for me, and the way to take it back. */
export function MyHelpers() {
  const t = useText();
  const client = useQueryClient();
  const [asking, setAsking] = useState<string | null>(null);
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Answer>("/api/my/helpers", signal),
  });
  const revoke = useWrite(
    (id: string, idempotency) => api.post(`/api/my/helper-consents/${id}/revoke`, {}, idempotency),
    { onDone: () => client.invalidateQueries({ queryKey: key }) },
  );
  const helpers = found.data?.helpers ?? [];
  if (helpers.length === 0) return null;
  return (
    <Card title={t("patient.me.helpers.title")}>
      <ul className="stack">
        {helpers.map((one) => (
          <li key={one.consentId} className="stack stack-2">
            <p>
              <span className="strong">{one.name}</span>{" "}
              <span className="muted">{one.institution}</span>
            </p>
            <p className="muted small">
              {t("patient.me.helpers.since", {
                patient: one.patient.name,
                date: isoDate(one.givenAt),
                how: t(`patient.me.helpers.${one.method}`),
                witness: one.witnessName,
              })}
            </p>
            {asking === one.consentId ? (
              <Notice
                tone="warn"
                title={t("patient.me.helpers.sure", { name: one.name })}
                action={
                  <span className="row">
                    <Button
                      look="danger"
                      busy={revoke.isPending}
                      onClick={() => revoke.mutate(one.consentId)}
                    >
                      {t("patient.me.helpers.yes")}
                    </Button>
                    <Button onClick={() => setAsking(null)}>{t("patient.me.helpers.no")}</Button>
                  </span>
                }
              />
            ) : (
              <Button className="align-start" onClick={() => setAsking(one.consentId)}>
                {t("patient.me.helpers.revoke")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={revoke.error} />
    </Card>
  );
}
