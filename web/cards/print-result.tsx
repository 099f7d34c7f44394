import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CardAnswer, MyResult, MyResults } from "../../server/cards/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { print } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { CardCode } from "./card-code.tsx";
import "./paper-card.css";

/**
 * Results that were released, to be printed with their signed card for somebody without a phone. Who may not
 * print them sees nothing of this.
 */
export function PrintResult({ patientId }: { patientId: string }) {
  const t = useText();
  const [made, setMade] = useState<{ result: MyResult; card: CardAnswer } | null>(null);
  const found = useQuery({
    queryKey: ["patient", "results", patientId],
    retry: 0,
    queryFn: ({ signal }) => api.get<MyResults>(`/api/patients/${patientId}/results`, signal),
  });
  const make = useWrite(
    (result: MyResult, once) =>
      api.post<CardAnswer>(`/api/patients/${patientId}/results/${result.id}/card`, {}, once),
    { onDone: (card, result) => setMade({ result, card }) },
  );
  if (found.error && asApiError(found.error).code === "permission.denied") return null;
  return (
    <>
      <section className="card no-print">
        <h2>{t("paperDesk.results")}</h2>
        <ProblemNotice error={found.error ?? make.error} retry={() => void found.refetch()} />
        {found.data?.results.length === 0 ? (
          <p className="muted">{t("paperDesk.noResults")}</p>
        ) : null}
        <ul className="paper-found">
          {found.data?.results.map((result) => (
            <li key={result.id} className="row spread">
              <span>
                <strong>{t(`paperCard.result.${result.state}`)}</strong>{" "}
                <span className="muted figure">{dateTime(result.sampledAt)}</span>
              </span>
              {result.hasCard ? (
                <Button look="soft" busy={make.isPending} onClick={() => make.mutate(result)}>
                  {t("paperDesk.makeCard")}
                </Button>
              ) : (
                <span className="muted small">{t("paperDesk.again")}</span>
              )}
            </li>
          ))}
        </ul>
      </section>
      {made ? (
        <>
          <div className="no-print">
            <Notice
              tone="good"
              action={
                <Button look="primary" icon={print} onClick={() => globalThis.print()}>
                  {t("paperDesk.print")}
                </Button>
              }
            >
              {t("paperDesk.cardDone")}
            </Notice>
          </div>
          <article className="paper-card">
            <h2>{made.result.patientName}</h2>
            <p className="paper-card-result">{t(`paperCard.result.${made.result.state}`)}</p>
            <div className="paper-card-who">
              <p>
                <span className="paper-card-term">{t("paperCard.sampled")}</span>
                <strong className="figure">{dateTime(made.result.sampledAt)}</strong>
              </p>
              {made.result.validUntil ? (
                <p>
                  <span className="paper-card-term">{t("paperCard.until")}</span>
                  <strong className="figure">{dateTime(made.result.validUntil)}</strong>
                </p>
              ) : null}
            </div>
            <CardCode
              jws={made.card.jws}
              label={t("paperCard.resultQr", { name: made.result.patientName })}
            />
            {made.result.laboratory ? (
              <p className="paper-card-small" lang="zh-CN">
                {made.result.laboratory}
              </p>
            ) : null}
            <p className="paper-card-how">{t("paperCard.resultHow")}</p>
          </article>
        </>
      ) : null}
    </>
  );
}
