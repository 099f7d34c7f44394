import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

const parts = ["s", "o", "a", "p"] as const;

/** Problem-oriented note by keyboard, and what the patient takes along; saved on leaving a field, ended in one press. */
export function Note({ row }: { row: VisitDetail }) {
  const t = useText();
  const client = useQueryClient();
  const [note, setNote] = useState(row.note);
  const [summary, setSummary] = useState(row.summary);
  const [returnWhen, setReturnWhen] = useState(row.returnWhen);
  const [callWhen, setCallWhen] = useState(row.callWhen);
  const words = {
    note,
    diagnoses: row.diagnoses.length > 0 ? row.diagnoses : [row.condition],
    summary,
    returnWhen,
    callWhen,
  };
  // In turn, each with the version that the one before it left.
  const version = () => client.getQueryData<VisitDetail>(["visit", row.id])?.version ?? row.version;
  const inTurn = `visit:${row.id}`;
  const save = useWrite(
    (given: typeof words, key) =>
      api.put<VisitDetail>(`/api/visits/${row.id}`, { version: version(), ...given }, key),
    { inTurn, onDone: (answer) => client.setQueryData(["visit", row.id], answer) },
  );
  const end = useWrite(
    (given: typeof words, key) =>
      api.post<VisitDetail>(`/api/visits/${row.id}/end`, { version: version(), ...given }, key),
    {
      inTurn,
      onDone: (answer) => {
        client.setQueryData(["visit", row.id], answer);
        void client.invalidateQueries({ queryKey: ["visit", "list"] });
      },
    },
  );
  const keep = () => save.mutate(words);
  return (
    <Card title={t("visit.note.title")}>
      <div className="stack">
        {parts.map((part) => (
          <TextArea
            key={part}
            label={t(`visit.note.${part}`)}
            rows={2}
            maxLength={4000}
            value={note[part]}
            onChange={(event) => setNote({ ...note, [part]: event.target.value })}
            onBlur={keep}
          />
        ))}
        <TextArea
          label={t("visit.summary")}
          hint={t("visit.summaryHint")}
          rows={3}
          maxLength={2000}
          value={summary}
          onChange={(event) => setSummary(event.target.value)}
          onBlur={keep}
        />
        <TextField
          label={t("visit.returnWhen")}
          maxLength={500}
          value={returnWhen}
          onChange={(event) => setReturnWhen(event.target.value)}
          onBlur={keep}
        />
        <TextField
          label={t("visit.callWhen")}
          maxLength={500}
          value={callWhen}
          onChange={(event) => setCallWhen(event.target.value)}
          onBlur={keep}
        />
        <p className="muted small" role="status">
          {save.isPending ? t("visit.saving") : save.isSuccess ? t("visit.saved") : ""}
        </p>
        <ProblemNotice error={end.error ?? save.error} />
        {row.actions.includes("end") ? (
          <Button
            look="primary"
            size="large"
            busy={end.isPending}
            disabled={
              row.decision !== "eligible" ||
              [summary, returnWhen, callWhen].some((one) => one.trim() === "")
            }
            onClick={() => end.mutate(words)}
          >
            {t("visit.end")}
          </Button>
        ) : null}
      </div>
    </Card>
  );
}
