import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BlockView } from "../../server/fever/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { inWords } from "./words.ts";

/**
 * The chosen person is to see a fever clinic first: what that means, until when, what is kept instead. Nobody
 * is turned away by it; a nurse of a fever clinic who looked lifts it, with a reason.
 */
export function FeverBlock({ patientId }: { patientId: string }) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const key = ["fever", "block", patientId];
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<BlockView>(`/api/fever/blocks?patientId=${patientId}`, signal),
  });
  const lift = useWrite(
    ({ id, reason: why }: { id: string; reason: string }, once) =>
      api.post(`/api/fever/blocks/${id}/lift`, { reason: why }, once),
    { onDone: () => client.invalidateQueries({ queryKey: key }) },
  );
  if (found.error) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const block = found.data;
  if (!block?.id || !block.until)
    return lift.isSuccess ? <Notice tone="good" title={t("feverBlock.lifted")} /> : null;
  const { id, alternative } = block;
  return (
    <Notice
      tone="warn"
      live={false}
      title={t("feverBlock.title", { until: dayTime(block.until) })}
      action={
        block.mayLift && !asking ? (
          <Button onClick={() => setAsking(true)}>{t("feverBlock.lift")}</Button>
        ) : undefined
      }
    >
      <p>
        {alternative
          ? t(alternative.state === "held" ? "feverBlock.held" : "feverBlock.booked", {
              place: inWords(alternative.place, language),
              time: dayTime(alternative.startsAt),
              until: alternative.heldUntil ? dayTime(alternative.heldUntil) : "",
            })
          : t("feverBlock.nothingHeld")}
      </p>
      <p>{t("feverBlock.open")}</p>
      {asking ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            lift.mutate({ id, reason: reason.trim() });
          }}
        >
          <TextField
            label={t("feverBlock.reason")}
            required
            maxLength={300}
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <ProblemNotice error={lift.error} />
          <div className="row">
            <Button type="submit" busy={lift.isPending}>
              {t("feverBlock.lift")}
            </Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t("common.cancel")}
            </Button>
          </div>
        </form>
      ) : null}
    </Notice>
  );
}
