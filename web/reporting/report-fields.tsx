import { type ReactNode, useState } from "react";
import type { ReportContent } from "../../server/reporting/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { ErrorSummary } from "../design/components/error-summary.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { send } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { DiseasePicker } from "./disease-picker.tsx";
import { diagnosisKinds } from "./kinds.ts";
import { useDiseases } from "./queries.ts";
import { classWords, instantOf, localInput } from "./words.ts";

type Kind = (typeof diagnosisKinds)[number];

/** What was diagnosed, for a new report and for a correction. The clock is shown while it is written. */
export function ReportFields({
  initial,
  submit,
  busy,
  error,
  aside,
  onSend,
}: {
  initial: Partial<ReportContent>;
  submit: string;
  busy: boolean;
  error: unknown;
  aside?: ReactNode;
  onSend: (content: ReportContent) => void;
}) {
  const t = useText();
  const [disease, setDisease] = useState<string | null>(initial.diseaseCode ?? null);
  const [kind, setKind] = useState<Kind>(initial.diagnosisKind ?? "suspected");
  const [diagnosed, setDiagnosed] = useState(() =>
    localInput(initial.diagnosedAt ? new Date(initial.diagnosedAt) : new Date()),
  );
  const [onset, setOnset] = useState(initial.onsetOn ?? "");
  const [address, setAddress] = useState(initial.currentAddress ?? "");
  const [workplace, setWorkplace] = useState(initial.workplace ?? "");
  const [note, setNote] = useState(initial.note ?? "");
  const [wrong, setWrong] = useState(false);
  const at = instantOf(diagnosed);
  const day = isoDate(at ?? Date.now());
  const diseases = useDiseases(day);
  const chosen = diseases.data?.diseases.find((one) => one.code === disease);
  const dueAt =
    chosen && at ? new Date(Date.parse(at) + chosen.minutes * 60_000).toISOString() : null;
  const missing = [
    ...(chosen ? [] : [{ href: "#disease", text: t("reporting.case.noDisease") }]),
    ...(at ? [] : [{ href: "#diagnosed", text: t("reporting.raise.noTime") }]),
  ];
  return (
    <form
      className="reason-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setWrong(missing.length > 0);
        if (!at || !chosen) return;
        onSend({
          diseaseCode: chosen.code,
          diagnosisKind: kind,
          // The seconds that the field does not show are no reason for another clock.
          diagnosedAt:
            initial.diagnosedAt && localInput(new Date(initial.diagnosedAt)) === diagnosed
              ? initial.diagnosedAt
              : at,
          onsetOn: onset || null,
          currentAddress: address.trim() || null,
          workplace: workplace.trim() || null,
          note: note.trim() || null,
        });
      }}
    >
      {wrong ? <ErrorSummary title={t("reporting.missing")} items={missing} /> : null}
      <Card>
        {diseases.data ? (
          <DiseasePicker
            diseases={diseases.data.diseases}
            value={disease}
            error={wrong && !chosen ? t("reporting.case.noDisease") : undefined}
            onChange={setDisease}
          />
        ) : (
          <Skeleton lines={2} />
        )}
        <ProblemNotice error={diseases.error} retry={() => void diseases.refetch()} />
        {chosen && dueAt ? (
          <div className="row">
            <Status tone={chosen.minutes <= 120 ? "bad" : "info"}>{classWords(chosen, t)}</Status>
            <Countdown dueAt={dueAt} lead={t("reporting.clock.report")} />
          </div>
        ) : null}
        <Segmented
          label={t("reporting.diagnosisKind")}
          value={kind}
          options={diagnosisKinds.map((one) => ({
            value: one,
            label: t(`reporting.diagnosis.${one}`),
          }))}
          onChange={setKind}
        />
        <div className="field-row">
          <TextField
            id="diagnosed"
            label={t("reporting.diagnosedAt")}
            hint={t("reporting.diagnosedHint")}
            type="datetime-local"
            value={diagnosed}
            error={wrong && !at ? t("reporting.raise.noTime") : undefined}
            onChange={(event) => setDiagnosed(event.target.value)}
          />
          <TextField
            label={t("reporting.onset")}
            hint={t("reporting.onsetHint")}
            optional={t("common.optional")}
            type="date"
            value={onset}
            onChange={(event) => setOnset(event.target.value)}
          />
        </div>
        <div className="field-row">
          <TextField
            label={t("reporting.address")}
            optional={t("common.optional")}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
          <TextField
            label={t("reporting.workplace")}
            optional={t("common.optional")}
            value={workplace}
            onChange={(event) => setWorkplace(event.target.value)}
          />
        </div>
        <TextArea
          label={t("reporting.note")}
          optional={t("common.optional")}
          rows={2}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </Card>
      <ProblemNotice error={error} />
      <div className="row">
        <Button look="primary" type="submit" icon={send} busy={busy}>
          {submit}
        </Button>
        {aside}
      </div>
    </form>
  );
}
