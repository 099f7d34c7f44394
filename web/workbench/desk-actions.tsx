import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { ConsultActionBody, ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { type Scope, useCandidates, useConsultAnswer, useProposals } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime, dayTime, dayWords } from "../i18n/time.ts";
import { isTyping } from "./queue.tsx";
import { ReasonForm } from "./reason-form.tsx";

type Open = "askMore" | "decline" | "adviseOnly" | null;

/** What the desk may do: accept with a time both sides have, ask, answer in writing, or decline with a reason. */
export function DeskActions({ consult, scope }: { consult: ConsultDetail; scope: Scope }) {
  const t = useText();
  const [, go] = useLocation();
  const [open, setOpen] = useState<Open>(null);
  const [slot, setSlot] = useState<string | null>(null);
  const answer = useConsultAnswer();
  const may = (action: ConsultDetail["actions"][number]) => consult.actions.includes(action);
  const schedules = may("accept") || may("schedule");
  const proposals = useProposals(consult.id, null, schedules);
  const chosen =
    proposals.data?.slots.find((entry) => entry.start === slot) ?? proposals.data?.slots[0] ?? null;

  const post = (body: ConsultActionBody, key?: string) =>
    api.post<ConsultDetail>(`/api/consults/${consult.id}/actions`, body, key);
  const act = useWrite(post, {
    onDone: (detail) => {
      answer(detail);
      setOpen(null);
      if (detail.state === "declined") go(`/${scope}`);
    },
  });
  // Two steps of the state table behind one press; when the second fails the first stands and is shown.
  const acceptAndSchedule = useWrite(
    async (
      time: { start: string; end: string; outsideHoursReason?: string | null } | null,
      key,
    ) => {
      const accepted = may("accept")
        ? answer(await post({ action: "accept", version: consult.version }, key))
        : consult;
      return time ? post({ action: "schedule", version: accepted.version, ...time }) : accepted;
    },
    { onDone: answer },
  );
  const accept = () =>
    schedules &&
    !acceptAndSchedule.isPending &&
    acceptAndSchedule.mutate(chosen && { start: chosen.start, end: chosen.end });

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isTyping(event) && event.key.toLowerCase() === "a" && may("accept")) accept();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });

  const offered = ["askMore", "decline", "adviseOnly", "archive"] as const;
  if (!schedules && !offered.some(may)) return null;
  return (
    <>
      {schedules ? (
        <Card title={t("workbench.schedule.title")}>
          {proposals.isPending ? <Skeleton lines={2} /> : null}
          <ProblemNotice error={proposals.error} retry={() => void proposals.refetch()} />
          {proposals.data ? (
            <>
              <fieldset className="slot-list">
                <legend className="visually-hidden">{t("workbench.schedule.title")}</legend>
                {proposals.data.slots.slice(0, 8).map((entry) => (
                  <label key={entry.start} className="slot">
                    <input
                      type="radio"
                      name="slot"
                      checked={entry.start === chosen?.start}
                      onChange={() => setSlot(entry.start)}
                    />
                    <span>
                      {dayTime(entry.start)}–{clockTime(entry.end)}
                    </span>
                  </label>
                ))}
                {proposals.data.slots.length === 0 ? (
                  <p className="muted">{t("workbench.schedule.none")}</p>
                ) : null}
              </fieldset>
              <p className="muted small">
                {proposals.data.avoided.length > 0
                  ? t("workbench.schedule.avoided", {
                      list: proposals.data.avoided
                        .map(
                          (entry) =>
                            `${dayWords(`${entry.day}T04:00:00Z`)} ${entry.name}（${entry.institution}）`,
                        )
                        .join(t("common.listSeparator")),
                    })
                  : t("workbench.schedule.within")}
              </p>
            </>
          ) : null}
          <OtherTime
            onChoose={(time) => acceptAndSchedule.mutate(time)}
            busy={acceptAndSchedule.isPending}
          />
        </Card>
      ) : null}
      <div className="action-bar desk-bar">
        {schedules ? (
          <Button look="primary" busy={acceptAndSchedule.isPending} onClick={accept}>
            {may("accept")
              ? chosen
                ? t("workbench.desk.accept", { time: dayTime(chosen.start) })
                : t("workbench.desk.acceptOnly")
              : t("workbench.desk.schedule", { time: chosen ? dayTime(chosen.start) : "" })}
          </Button>
        ) : null}
        {may("archive") ? (
          <Button
            look="primary"
            busy={act.isPending}
            onClick={() => act.mutate({ action: "archive", version: consult.version })}
          >
            {t("workbench.archive.action")}
          </Button>
        ) : null}
        {may("adviseOnly") ? (
          <Button
            look="soft"
            aria-expanded={open === "adviseOnly"}
            onClick={() => setOpen("adviseOnly")}
          >
            {t("workbench.desk.adviseOnly")}
          </Button>
        ) : null}
        {may("askMore") ? (
          <Button aria-expanded={open === "askMore"} onClick={() => setOpen("askMore")}>
            {t("workbench.desk.askMore")}
          </Button>
        ) : null}
        {may("decline") ? (
          <Button aria-expanded={open === "decline"} onClick={() => setOpen("decline")}>
            {t("workbench.desk.decline")}
          </Button>
        ) : null}
        <span className="action-keys">
          {may("accept") ? (
            <>
              <kbd>A</kbd> {t("workbench.keys.accept")}{" "}
            </>
          ) : null}
          <kbd>J</kbd> <kbd>K</kbd> {t("workbench.keys.upDown")}
        </span>
      </div>
      <ProblemNotice error={acceptAndSchedule.error ?? act.error} kept={t("workbench.desk.kept")} />
      {open === "askMore" || open === "decline" ? (
        <ReasonForm
          key={open}
          title={t(`workbench.desk.${open}Title`)}
          hint={t(`workbench.desk.${open}Hint`)}
          submit={t(`workbench.desk.${open}Send`)}
          busy={act.isPending}
          onCancel={() => setOpen(null)}
          onSubmit={(reason) => act.mutate({ action: open, version: consult.version, reason })}
        />
      ) : null}
      {open === "adviseOnly" ? (
        <AdviceForm
          consult={consult}
          busy={act.isPending}
          onCancel={() => setOpen(null)}
          onSubmit={(specialistId) =>
            act.mutate({ action: "adviseOnly", version: consult.version, specialistId })
          }
        />
      ) : null}
    </>
  );
}

/** A time of one's own, outside the proposals; outside working hours it takes a reason. */
function OtherTime({
  onChoose,
  busy,
}: {
  onChoose: (time: { start: string; end: string; outsideHoursReason: string | null }) => void;
  busy: boolean;
}) {
  const t = useText();
  const [at, setAt] = useState("");
  const [reason, setReason] = useState("");
  return (
    <details>
      <summary className="summary">{t("workbench.schedule.other")}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const start = new Date(`${at}:00+08:00`);
          onChoose({
            start: start.toISOString(),
            end: new Date(start.getTime() + 30 * 60_000).toISOString(),
            outsideHoursReason: reason.trim() || null,
          });
        }}
      >
        <TextField
          label={t("workbench.schedule.start")}
          type="datetime-local"
          required
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
        <TextArea
          label={t("workbench.schedule.reason")}
          hint={t("workbench.schedule.reasonHint")}
          rows={2}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button type="submit" busy={busy} className="align-start">
          {t("workbench.schedule.useOther")}
        </Button>
      </form>
    </details>
  );
}

function AdviceForm({
  consult,
  busy,
  onCancel,
  onSubmit,
}: {
  consult: ConsultDetail;
  busy: boolean;
  onCancel: () => void;
  onSubmit: (specialistId: string) => void;
}) {
  const t = useText();
  const candidates = useCandidates(consult.id, true);
  const [specialistId, setSpecialistId] = useState("");
  return (
    <Card title={t("workbench.desk.adviseOnlyTitle")}>
      <form
        className="reason-form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(specialistId);
        }}
      >
        <SelectField
          label={t("workbench.desk.adviseOnlyWho")}
          hint={t("workbench.desk.adviseOnlyHint")}
          required
          value={specialistId}
          onChange={(event) => setSpecialistId(event.target.value)}
        >
          <option value="">{t("common.choose")}</option>
          {(candidates.data?.specialists ?? [])
            .filter((person) => person.eligible)
            .map((person) => (
              <option key={person.personId} value={person.personId}>
                {person.name} {person.title} {person.department}
              </option>
            ))}
        </SelectField>
        <div className="row">
          <Button look="primary" type="submit" busy={busy}>
            {t("workbench.desk.adviseOnlySend")}
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
