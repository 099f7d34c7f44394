import { useState } from "react";
import type { ConsultContent, ConsultDetail } from "../../server/consult/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { useDraft } from "../api/draft.ts";
import type { StaffView } from "../api/session.ts";
import { DiagnosisPicker } from "../consult/diagnosis-picker.tsx";
import { DraftWords } from "../consult/draft-words.tsx";
import { PersonLine } from "../consult/person-line.tsx";
import { useAct } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ErrorSummary } from "../design/components/error-summary.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { send } from "../design/icons-work.ts";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { Attach } from "./attach.tsx";
import { Consents } from "./consents.tsx";
import { consultUrgencyOrder, emergencyFieldOrder, ordinaryFieldOrder } from "./request-fields.ts";
import { TargetFields } from "./target-fields.tsx";
import { VitalsFields } from "./vitals-fields.tsx";
import "./request-form.css";

function contentOf(consult: ConsultDetail): ConsultContent {
  return {
    ...consult.content,
    urgency: consult.urgency,
    invitedInstitutionId: consult.invited?.id ?? null,
    wantedSpecialty: consult.wantedSpecialty,
    question: consult.question,
    complaint: consult.complaint,
  };
}

/** Empty text is sent as nothing, because a line on the server has at least one letter. */
export function tidied(content: ConsultContent): ConsultContent {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [
      name,
      typeof value === "string" && value.trim() === "" ? null : value,
    ]),
  ) as ConsultContent;
}

/**
 * The request, on one page that saves itself. An emergency needs five things; the rest may follow:
 * with `onDone` what was sent is completed, whom it was sent to and how urgent it is stay.
 */
export function RequestForm({
  consult,
  session,
  onDone,
}: {
  consult: ConsultDetail;
  session: StaffView;
  onDone?: () => void;
}) {
  const t = useText();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const server = {
    content: contentOf(consult),
    version: consult.version,
    updatedAt: consult.updatedAt,
  };
  const draft = useDraft<ConsultContent>({
    key: `request:${session.person.id}:${consult.id}`,
    server,
    save: (content, version) =>
      api.put<{ version: number; updatedAt: string }>(`/api/consults/${consult.id}/draft`, {
        version,
        content: tidied(content),
      }),
  });
  const act = useAct(consult.id);
  const { content } = draft;
  const set = (change: Partial<ConsultContent>) => draft.change({ ...content, ...change });
  const urgency = content.urgency ?? "routine";
  const isEmergency = urgency === "emergency";
  const order = isEmergency ? emergencyFieldOrder : ordinaryFieldOrder;

  const submit = async () => {
    const version = await draft.settle();
    if (version === null) return;
    // What is still needed is the server's rule alone: a page that repeats it one day disagrees.
    act.mutate(
      { action: "submit", version },
      {
        onSuccess: () => setMissing([]),
        onError: (error) => setMissing(missingOf(error)),
      },
    );
  };
  const errorOf = (name: string) =>
    missing.includes(name) && isEmpty(content[name as keyof ConsultContent])
      ? t("workbench.request.needed")
      : undefined;
  const area = (
    name:
      | "question"
      | "complaint"
      | "reason"
      | "purpose"
      | "presentHistory"
      | "pastHistory"
      | "examination"
      | "investigations"
      | "treatmentSoFar",
    hint?: string,
  ) => (
    <TextArea
      id={`request-${name}`}
      label={t(`consult.field.${name}`)}
      hint={hint}
      rows={2}
      optional={(order as readonly string[]).includes(name) ? undefined : t("common.optional")}
      error={errorOf(name)}
      value={content[name] ?? ""}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  );

  return (
    <div className="request-form">
      <header className="row spread">
        <PersonLine person={consult.patient} />
        <DraftWords state={draft.state} />
      </header>
      {draft.restored ? <Notice tone="info">{t("workbench.request.restored")}</Notice> : null}
      {draft.state.kind === "kept" && draft.state.reason === "refused" ? (
        <ProblemNotice error={draft.state.error} kept={t("workbench.request.keptHere")} />
      ) : null}
      {draft.state.kind === "conflict" ? (
        <Notice
          tone="warn"
          title={t("consult.draft.conflictTitle")}
          action={
            <span className="row">
              <Button onClick={() => void draft.resolve("mine", server)}>
                {t("consult.draft.keepMine")}
              </Button>
              <Button onClick={() => void draft.resolve("theirs", server)}>
                {t("consult.draft.takeTheirs")}
              </Button>
            </span>
          }
        >
          {t("workbench.request.conflict")}
        </Notice>
      ) : null}
      <ErrorSummary
        title={t("workbench.request.missing", { count: missing.length })}
        items={missing.map((name) => ({
          href: name.startsWith("consent:") ? `#consent-${name.slice(8)}` : `#request-${name}`,
          text: name.startsWith("consent:")
            ? t("workbench.request.missingConsent", {
                kind: t(`consult.consent.kind.${name.slice(8)}` as MessageId),
              })
            : t(`consult.field.${name}` as MessageId),
        }))}
      />
      {onDone ? null : (
        <Card>
          <Segmented
            label={t("workbench.request.urgency")}
            hint={t(`workbench.request.urgencyHint.${urgency}`)}
            value={urgency}
            onChange={(next) => set({ urgency: next })}
            options={consultUrgencyOrder.map((value) => ({
              value,
              label: t(`common.urgency.${value}`),
            }))}
          />
          <TargetFields content={content} set={set} error={errorOf("invitedInstitutionId")} />
        </Card>
      )}
      <Card title={t("workbench.request.ask")}>
        {area("question", t("workbench.request.questionHint"))}
        {area("complaint", t("workbench.request.complaintHint"))}
        {isEmergency ? null : (
          <>
            {area("reason")}
            {area("purpose")}
          </>
        )}
        <TextField
          id="request-callbackPhone"
          label={t("consult.field.callbackPhone")}
          hint={t("workbench.request.callbackHint")}
          type="tel"
          autoComplete="tel"
          optional={isEmergency ? undefined : t("common.optional")}
          error={errorOf("callbackPhone")}
          value={content.callbackPhone ?? ""}
          onChange={(event) => set({ callbackPhone: event.target.value })}
        />
      </Card>
      <Card title={t("consult.field.vitals")}>
        <VitalsFields
          value={content.vitals ?? {}}
          altitudeMetres={consult.inviting.altitudeMetres}
          institution={consult.inviting.name}
          error={errorOf("vitals")}
          onChange={(vitals) => set({ vitals })}
        />
      </Card>
      {isEmergency ? (
        <details className="request-later" open={onDone !== undefined}>
          <summary className="summary">{t("workbench.request.later")}</summary>
          <Card>
            {area("reason")}
            {area("purpose")}
            {area("presentHistory")}
            {area("pastHistory")}
            {area("examination")}
            {area("investigations")}
            <DiagnosisPicker
              id="request-provisionalDiagnoses"
              label={t("consult.field.provisionalDiagnoses")}
              value={content.provisionalDiagnoses ?? []}
              onChange={(provisionalDiagnoses) => set({ provisionalDiagnoses })}
            />
            {area("treatmentSoFar")}
          </Card>
        </details>
      ) : (
        <Card title={t("workbench.request.findings")}>
          {area("presentHistory")}
          {area("pastHistory", t("workbench.request.pastHint"))}
          {area("examination")}
          {area("investigations", t("workbench.request.investigationsHint"))}
          <div data-invalid={errorOf("provisionalDiagnoses") ? "" : undefined} className="field">
            <DiagnosisPicker
              id="request-provisionalDiagnoses"
              label={t("consult.field.provisionalDiagnoses")}
              value={content.provisionalDiagnoses ?? []}
              onChange={(provisionalDiagnoses) => set({ provisionalDiagnoses })}
            />
          </div>
          {area("treatmentSoFar")}
        </Card>
      )}
      <Card title={t("consult.field.attachments")}>
        <Attach consult={consult} purpose="request" />
      </Card>
      {onDone ? null : <Consents consult={consult} emergency={isEmergency} />}
      <div className="request-foot">
        {missingOf(act.error).length > 0 ? null : (
          <ProblemNotice error={act.error} kept={t("workbench.request.keptDraft")} />
        )}
        <div className="row spread">
          <DraftWords state={draft.state} />
          {onDone ? (
            <Button
              look="primary"
              size="large"
              onClick={() => void draft.settle().then((version) => version !== null && onDone())}
            >
              {t("workbench.request.amended")}
            </Button>
          ) : (
            <Button
              look="primary"
              size="large"
              icon={send}
              busy={act.isPending}
              onClick={() => void submit()}
            >
              {isEmergency ? t("workbench.request.sendEmergency") : t("workbench.request.send")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

/** Names of what the server still needs before a request may go out; none when it failed for another reason. */
function missingOf(error: Error | null): readonly string[] {
  if (!(error instanceof ApiError) || error.code !== "consult.incomplete") return [];
  const { missing } = error.params;
  return Array.isArray(missing) ? missing.filter((name) => typeof name === "string") : [];
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  const { altitudeMetres: _place, ...measured } = value as Record<string, unknown>;
  return (
    typeof value === "object" &&
    Object.values(measured).every((part) => part === null || part === undefined || part === "")
  );
}
