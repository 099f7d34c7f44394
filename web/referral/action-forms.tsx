import { type ReactNode, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import type { FormProps } from "./actions.tsx";
import { type Call, CallFields, callNow, callOf } from "./call-fields.tsx";
import { followUpKinds } from "./judge.ts";
import { type Target, usePathways, useTargets } from "./queries.ts";
import { Segments } from "./segments.tsx";
import { TargetList } from "./target-pick.tsx";
import { dayAfter, followUpsFrom } from "./words.ts";

type TextAction =
  | "askMore"
  | "answerMore"
  | "advise"
  | "return"
  | "handBack"
  | "withdraw"
  | "cancel"
  | "markNoShow"
  | "keep"
  | "askCancel"
  | "refuseCancel"
  | "conclude";

/** The frame of every step that needs something first. */
export function StepForm({
  title,
  submit,
  busy,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  busy: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useText();
  return (
    <Card title={title}>
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSubmit();
        }}
      >
        {children}
        <div className="row">
          <Button look="primary" type="submit" busy={busy}>
            {submit}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** A reason or an answer in words; of an emergency with the call that was made before. */
export function TextForm({
  action,
  asksCall = false,
  busy,
  onSend,
  onClose,
}: FormProps & {
  action: TextAction;
  asksCall?: boolean;
  onSend: (text: string, call: { with: string; at: string } | null) => void;
}) {
  const t = useText();
  const [text, setText] = useState("");
  const [call, setCall] = useState<Call>(callNow);
  const [tried, setTried] = useState(false);
  const made = callOf(call);
  return (
    <StepForm
      title={t(`referral.act.${action}`)}
      submit={t(`referral.send.${action}`)}
      busy={busy}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (text.trim() && (!asksCall || made)) onSend(text.trim(), made);
      }}
    >
      {asksCall ? <CallFields call={call} onChange={setCall} wrong={tried && !made} /> : null}
      <TextArea
        label={t(`referral.ask.${action}`)}
        hint={t(`referral.askHint.${action}`)}
        autoFocus={!asksCall}
        value={text}
        error={tried && !text.trim() ? t("common.error.reason") : undefined}
        onChange={(event) => setText(event.target.value)}
      />
    </StepForm>
  );
}

/** To another house of our alliances, after a call when it cannot wait. */
export function RedirectForm({ referral, busy, send, onClose }: FormProps) {
  const t = useText();
  const targets = useTargets(referral.direction);
  const [target, setTarget] = useState<Target | null>(null);
  const [reason, setReason] = useState("");
  const [call, setCall] = useState<Call>(callNow);
  const [tried, setTried] = useState(false);
  const asksCall = referral.urgency === "emergency";
  const made = callOf(call);
  return (
    <StepForm
      title={t("referral.act.redirect")}
      submit={t("referral.send.redirect")}
      busy={busy}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!target || !reason.trim() || (asksCall && !made)) return;
        send({
          action: "redirect",
          version: referral.version,
          reason: reason.trim(),
          call: made,
          institutionId: target.institution.id,
          departmentId: target.department.id,
        });
      }}
    >
      <p className="muted small">{t("referral.askHint.redirect")}</p>
      {asksCall ? <CallFields call={call} onChange={setCall} wrong={tried && !made} /> : null}
      <ProblemNotice error={targets.error} retry={() => void targets.refetch()} />
      {targets.isPending ? <Skeleton lines={3} /> : null}
      <div className="field" data-invalid={tried && !target ? "" : undefined}>
        {tried && !target ? <p className="field-error">{t("referral.target.choose")}</p> : null}
        <TargetList
          label={t("referral.target.label")}
          targets={(targets.data?.targets ?? []).filter(
            (one) =>
              one.institution.id !== referral.from.id && one.institution.id !== referral.to?.id,
          )}
          chosen={{
            institutionId: target?.institution.id ?? null,
            departmentId: target?.department.id ?? null,
          }}
          onChoose={setTarget}
        />
      </div>
      <TextArea
        label={t("referral.ask.redirect")}
        value={reason}
        error={tried && !reason.trim() ? t("common.error.reason") : undefined}
        onChange={(event) => setReason(event.target.value)}
      />
    </StepForm>
  );
}

/** A number in one of our own clinics, taken for the patient. */
export function BookForm({ referral, session, busy, send, onClose }: FormProps) {
  const t = useText();
  return (
    <Card title={t("referral.act.book")}>
      <Segments
        ownInstitutionId={session.institution.id}
        departmentId={referral.department?.id ?? null}
        busy={busy}
        onChoose={(segmentId) => send({ action: "book", version: referral.version, segmentId })}
      />
      <Button look="quiet" className="align-start" onClick={onClose}>
        {t("common.cancel")}
      </Button>
    </Card>
  );
}

export function AdmitForm({ referral, busy, send, onClose }: FormProps) {
  const t = useText();
  const [number, setNumber] = useState("");
  const [until, setUntil] = useState("");
  return (
    <StepForm
      title={t("referral.act.admit")}
      submit={t("referral.send.admit")}
      busy={busy}
      onClose={onClose}
      onSubmit={() =>
        send({
          action: "admit",
          version: referral.version,
          admissionNumber: number.trim() || null,
          expectedDischargeOn: until || null,
        })
      }
    >
      <div className="field-row">
        <TextField
          label={t("referral.field.admissionNumber")}
          optional={t("common.optional")}
          autoFocus
          value={number}
          onChange={(event) => setNumber(event.target.value)}
        />
        <TextField
          label={t("referral.admit.until")}
          type="date"
          optional={t("common.optional")}
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      </div>
    </StepForm>
  );
}

export function SetOffForm({ referral, busy, send, onClose }: FormProps) {
  const t = useText();
  const [at, setAt] = useState("");
  return (
    <StepForm
      title={t("referral.act.setOff")}
      submit={t("referral.send.setOff")}
      busy={busy}
      onClose={onClose}
      onSubmit={() =>
        send({
          action: "setOff",
          version: referral.version,
          arrivesAt: at ? new Date(`${at}:00+08:00`).toISOString() : null,
        })
      }
    >
      <TextField
        label={t("referral.setOff.arrives")}
        hint={t("referral.setOff.hint")}
        type="datetime-local"
        optional={t("common.optional")}
        value={at}
        onChange={(event) => setAt(event.target.value)}
      />
    </StepForm>
  );
}

type Planned = { dueOn: string; kind: (typeof followUpKinds)[number]; purpose: string };

/** The community has the patient: what was planned becomes follow-ups with their days. */
export function TakeOnForm({ referral, busy, send, onClose }: FormProps) {
  const t = useText();
  const { content } = referral;
  // The way's rhythm; it was read with the page.
  const way = usePathways(referral.direction, content.pathwayId).data?.pathways.find(
    (one) => one.id === content.pathwayId,
  );
  const [rows, setRows] = useState<Planned[]>(() =>
    followUpsFrom(way, content.reviewOn ?? dayAfter(isoDate(Date.now()), 14)).map((dueOn) => ({
      dueOn,
      kind: "visit",
      purpose: content.plan?.slice(0, 300) ?? "",
    })),
  );
  const [tried, setTried] = useState(false);
  const change = (at: number, part: Partial<Planned>) =>
    setRows(rows.map((one, n) => (n === at ? { ...one, ...part } : one)));
  return (
    <StepForm
      title={t("referral.act.takeOn")}
      submit={t("referral.send.takeOn")}
      busy={busy}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (rows.some((one) => !one.dueOn || !one.purpose.trim())) return;
        send({
          action: "takeOn",
          version: referral.version,
          followUps: rows.map((one) => ({ ...one, purpose: one.purpose.trim() })),
        });
      }}
    >
      <p className="muted small">{t("referral.takeOn.hint")}</p>
      <fieldset className="rows">
        <legend className="visually-hidden">{t("referral.side.followUps")}</legend>
        {rows.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own until it is saved
          <div key={at} className="rows-row">
            <TextField
              label={t("referral.followUp.dueOn")}
              type="date"
              value={one.dueOn}
              error={tried && !one.dueOn ? t("referral.followUp.noDay") : undefined}
              onChange={(event) => change(at, { dueOn: event.target.value })}
            />
            <SelectField
              label={t("referral.followUp.how")}
              value={one.kind}
              onChange={(event) =>
                change(at, {
                  kind: followUpKinds.find((kind) => kind === event.target.value) ?? one.kind,
                })
              }
            >
              {followUpKinds.map((kind) => (
                <option key={kind} value={kind}>
                  {t(`referral.followUp.kind.${kind}`)}
                </option>
              ))}
            </SelectField>
            <TextField
              label={t("referral.followUp.purpose")}
              maxLength={300}
              value={one.purpose}
              error={tried && !one.purpose.trim() ? t("referral.followUp.noPurpose") : undefined}
              onChange={(event) => change(at, { purpose: event.target.value })}
            />
            <Button
              look="quiet"
              icon={close}
              aria-label={t("referral.rows.remove", { name: one.dueOn })}
              onClick={() => setRows(rows.filter((_, n) => n !== at))}
            >
              {t("common.remove")}
            </Button>
          </div>
        ))}
        <Button
          look="soft"
          size="small"
          icon={plus}
          className="align-start"
          onClick={() =>
            setRows([
              ...rows,
              {
                dueOn: dayAfter(rows.at(-1)?.dueOn || isoDate(Date.now()), 14),
                kind: "phone",
                purpose: "",
              },
            ])
          }
        >
          {t("referral.followUp.add")}
        </Button>
      </fieldset>
    </StepForm>
  );
}
