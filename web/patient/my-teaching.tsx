import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { myConsentList } from "../../server/teaching/case-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";

const key = ["my", "teaching-consents"];

/** For which teaching my case may be used, and the way to take it back. */
export function MyTeaching() {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const [asking, setAsking] = useState<string | null>(null);
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof myConsentList>>("/api/teaching/my-consents", signal),
  });
  const withdraw = useWrite(
    (id: string, idempotency) =>
      api.post(`/api/teaching/my-consents/${id}/withdraw`, {}, idempotency),
    { onDone: () => client.invalidateQueries({ queryKey: key }) },
  );
  const consents = found.data?.consents ?? [];
  if (consents.length === 0) return null;
  return (
    <Card title={t("patient.me.teaching.title")}>
      <ul className="stack">
        {consents.map((one) => (
          <li key={one.id} className="stack stack-2">
            <p className="strong">{one.title}</p>
            <p className="muted small">
              {t("patient.me.teaching.since", {
                hospital:
                  (language === "bo"
                    ? one.institution.bo
                    : language === "en"
                      ? one.institution.en
                      : null) ?? one.institution.zh,
                name: one.signerName,
                date: isoDate(one.recordedAt),
              })}
            </p>
            {one.withdrawnAt ? (
              <p>{t("patient.me.teaching.withdrawn", { date: isoDate(one.withdrawnAt) })}</p>
            ) : asking === one.id ? (
              <Notice
                tone="warn"
                title={t("patient.me.teaching.sure")}
                action={
                  <span className="row">
                    <Button
                      look="danger"
                      busy={withdraw.isPending}
                      onClick={() => withdraw.mutate(one.id)}
                    >
                      {t("patient.me.teaching.yes")}
                    </Button>
                    <Button onClick={() => setAsking(null)}>{t("patient.me.teaching.no")}</Button>
                  </span>
                }
              />
            ) : (
              <Button className="align-start" onClick={() => setAsking(one.id)}>
                {t("patient.me.teaching.withdraw")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={withdraw.error} />
    </Card>
  );
}
