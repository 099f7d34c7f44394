import { useEffect, useRef, useState } from "react";
import type { z } from "zod";
import type { changePlanBody } from "../../../server/teaching/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import { AudienceFields, SpeakerFields } from "./people-fields.tsx";
import { type Session, useChoices, useRefresh } from "./queries.ts";
import { inWords } from "./words.ts";

type Plan = Omit<z.input<typeof changePlanBody>, "version">;
type Audience = NonNullable<Plan["audience"]>[number];
const saveAfterMs = 900;

/** What a plan is made of, as it is sent. */
const planOf = (one: Session): Plan => ({
  title: one.title.zh,
  titleBo: one.title.bo,
  titleEn: one.title.en,
  topic: one.topic,
  departmentId: one.departmentId,
  seriesId: one.seriesId,
  languages: one.languages,
  startsAt: one.startsAt,
  lengthMinutes: one.lengthMinutes,
  points: one.points,
  minimumPresencePercent: one.minimumPresencePercent,
  minimumQuizPercent: one.minimumQuizPercent,
  record: one.record,
  recordingWords: one.recordingWords,
  speakers: one.speakers.map(({ personId, institutionId, role }) => ({
    personId,
    institutionId,
    role,
  })),
  audience: one.audience.flatMap(({ kind, allianceId, level, institutionId }): Audience[] =>
    kind === "alliance" && allianceId
      ? [{ kind, allianceId }]
      : kind === "level" && allianceId && level
        ? [{ kind, allianceId, level }]
        : kind === "institution" && institutionId
          ? [{ kind, institutionId }]
          : [],
  ),
});
/** As a field of date and time takes it. */
const localTime = (iso: string | null | undefined) => {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** The plan on one page. A draft saves itself; what was announced is saved by a press, because others are told. */
export function Planner({ session }: { session: Session }) {
  const t = useText();
  const language = useLanguage();
  const refresh = useRefresh();
  const choices = useChoices(true);
  const [plan, setPlan] = useState<Plan>(() => planOf(session));
  const [known, setKnown] = useState(session);
  const [savedAt, setSavedAt] = useState<Date | null>(null);
  const open = known.state === "draft" || known.state === "planned";
  const sent = useRef(JSON.stringify(planOf(session)));
  const version = useRef(session.version);
  useEffect(() => {
    // Slides or another page moved it on; what is typed here stays.
    if (session.version > version.current) version.current = session.version;
    setKnown(session);
  }, [session]);
  const save = useWrite(
    (body: Plan, key) =>
      api.put<Session>(
        `/api/teaching/sessions/${session.id}`,
        { ...body, version: version.current },
        key,
      ),
    {
      onDone: (answer, body) => {
        sent.current = JSON.stringify(body);
        version.current = answer.version;
        setKnown(answer);
        setSavedAt(new Date());
        refresh(answer);
      },
    },
  );
  const act = useWrite(
    (body: { action: "plan" } | { action: "cancel"; reason: string }, key) =>
      api.post<Session>(
        `/api/teaching/sessions/${session.id}/actions`,
        { ...body, version: version.current },
        key,
      ),
    {
      onDone: (answer) => {
        version.current = answer.version;
        setKnown(answer);
        refresh(answer);
      },
    },
  );
  const typed = JSON.stringify(plan);
  const changed = typed !== sent.current;
  const { mutate, isPending } = save;
  useEffect(() => {
    if (known.state !== "draft" || !changed || isPending || plan.title.trim() === "") return;
    const timer = setTimeout(() => mutate(JSON.parse(typed) as Plan), saveAfterMs);
    return () => clearTimeout(timer);
  }, [typed, changed, isPending, known.state, mutate, plan.title]);
  const set = (change: Partial<Plan>) => setPlan((before) => ({ ...before, ...change }));
  const empty = (text: string) => (text.trim() === "" ? null : text);

  if (!open) return <PlanStands session={known} />;
  return (
    <>
      <Card title={t("teaching.plan.what")}>
        <div className="stack">
          <TextField
            label={t("teaching.plan.title")}
            value={plan.title}
            maxLength={120}
            onChange={(event) => set({ title: event.target.value })}
          />
          <div className="teaching-fields">
            <TextField
              label={t("teaching.plan.titleBo")}
              optional
              lang="bo"
              value={plan.titleBo ?? ""}
              onChange={(event) => set({ titleBo: empty(event.target.value) })}
            />
            <TextField
              label={t("teaching.plan.titleEn")}
              optional
              lang="en"
              value={plan.titleEn ?? ""}
              onChange={(event) => set({ titleEn: empty(event.target.value) })}
            />
          </div>
          <TextArea
            label={t("teaching.plan.topic")}
            hint={t("teaching.plan.topicHint")}
            value={plan.topic ?? ""}
            onChange={(event) => set({ topic: empty(event.target.value) })}
          />
          <div className="teaching-fields">
            <SelectField
              label={t("teaching.plan.department")}
              optional
              value={plan.departmentId ?? ""}
              onChange={(event) => set({ departmentId: event.target.value || null })}
            >
              <option value="">{t("teaching.plan.noDepartment")}</option>
              {choices.data?.departments.map((one) => (
                <option key={one.id} value={one.id}>
                  {inWords(one.name, language)}
                </option>
              ))}
            </SelectField>
            <SelectField
              label={t("teaching.plan.series")}
              optional
              value={plan.seriesId ?? ""}
              onChange={(event) => set({ seriesId: event.target.value || null })}
            >
              <option value="">{t("teaching.plan.noSeries")}</option>
              {choices.data?.series.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.title}
                </option>
              ))}
            </SelectField>
          </div>
          <fieldset className="row">
            <legend>{t("teaching.plan.languages")}</legend>
            {(["zh-CN", "bo", "en"] as const).map((one) => (
              <CheckField
                key={one}
                label={t(`teaching.language.${one}`)}
                checked={plan.languages?.includes(one) ?? false}
                onChange={(event) => {
                  const rest = (plan.languages ?? []).filter((other) => other !== one);
                  const languages = event.target.checked ? [...rest, one] : rest;
                  if (languages.length > 0) set({ languages });
                }}
              />
            ))}
          </fieldset>
        </div>
      </Card>

      <Card title={t("teaching.plan.when")}>
        <div className="teaching-fields">
          <TextField
            label={t("teaching.plan.start")}
            type="datetime-local"
            value={localTime(plan.startsAt)}
            onChange={(event) =>
              set({
                startsAt: event.target.value ? new Date(event.target.value).toISOString() : null,
              })
            }
          />
          <TextField
            label={t("teaching.plan.length")}
            type="number"
            min={10}
            max={480}
            value={plan.lengthMinutes ?? ""}
            onChange={(event) =>
              set({ lengthMinutes: event.target.value ? Number(event.target.value) : null })
            }
          />
        </div>
        {known.clashes.map((one) => (
          <Notice key={one.personId + one.startsAt} tone="warn">
            {t("teaching.plan.clash", {
              name: known.speakers.find((speaker) => speaker.personId === one.personId)?.name ?? "",
              title: one.title,
              time: dayTime(one.startsAt),
            })}
          </Notice>
        ))}
      </Card>

      <SpeakerFields
        known={known.speakers}
        chosen={plan.speakers ?? []}
        onChange={(speakers) => set({ speakers })}
      />
      <AudienceFields
        choices={choices.data ?? null}
        chosen={plan.audience ?? []}
        houses={known.houses}
        onChange={(audience) => set({ audience })}
      />

      <Card title={t("teaching.plan.credit")}>
        <div className="teaching-fields">
          <TextField
            label={t("teaching.plan.points")}
            type="number"
            min={0}
            max={100}
            step={0.5}
            value={plan.points ?? 0}
            onChange={(event) => set({ points: Number(event.target.value) })}
          />
          <TextField
            label={t("teaching.plan.presence")}
            type="number"
            min={0}
            max={100}
            value={plan.minimumPresencePercent ?? 80}
            onChange={(event) => set({ minimumPresencePercent: Number(event.target.value) })}
          />
          <TextField
            label={t("teaching.plan.quiz")}
            hint={t("teaching.plan.quizHint")}
            type="number"
            min={0}
            max={100}
            value={plan.minimumQuizPercent ?? 0}
            onChange={(event) => set({ minimumQuizPercent: Number(event.target.value) })}
          />
        </div>
      </Card>

      <Card title={t("teaching.plan.recording")}>
        <div className="stack">
          <CheckField
            label={t("teaching.plan.record")}
            checked={plan.record ?? true}
            onChange={(event) => set({ record: event.target.checked })}
          />
          {plan.record ? (
            <TextArea
              label={t("teaching.plan.recordWords")}
              hint={t("teaching.plan.recordHint")}
              value={plan.recordingWords ?? ""}
              onChange={(event) => set({ recordingWords: empty(event.target.value) })}
            />
          ) : null}
        </div>
      </Card>

      <div className="teaching-save">
        <p className="muted" role="status">
          {isPending
            ? t("teaching.plan.saving")
            : changed
              ? t("teaching.plan.unsaved")
              : savedAt
                ? t("teaching.plan.savedAt", { time: clockTime(savedAt.toISOString()) })
                : t("teaching.plan.saved")}
        </p>
        <div className="row">
          {known.state === "planned" ? (
            <Button
              look="primary"
              busy={isPending}
              disabled={!changed}
              onClick={() => mutate(plan)}
            >
              {t("teaching.plan.saveAndTell")}
            </Button>
          ) : (
            <Button
              look="primary"
              busy={act.isPending}
              disabled={changed || isPending || known.missing.length > 0}
              onClick={() => act.mutate({ action: "plan" })}
            >
              {t("teaching.plan.announce")}
            </Button>
          )}
        </div>
      </div>
      {known.missing.length > 0 ? (
        <Notice tone="info">
          {t("teaching.plan.missing", {
            parts: known.missing
              .map((part) => t(`teaching.part.${part}`))
              .join(t("common.listSeparator")),
          })}
        </Notice>
      ) : null}
      <ProblemNotice error={save.error ?? act.error} />
      <Cancel
        busy={act.isPending}
        onCancel={(reason) => act.mutate({ action: "cancel", reason })}
      />
    </>
  );
}

function PlanStands({ session }: { session: Session }) {
  const t = useText();
  return (
    <Notice tone="info">
      {session.cancelReason
        ? t("teaching.cancelledBecause", { reason: session.cancelReason })
        : t("teaching.plan.stands")}
    </Notice>
  );
}

function Cancel({ busy, onCancel }: { busy: boolean; onCancel: (reason: string) => void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  if (!open)
    return (
      <div className="row">
        <Button look="quiet" onClick={() => setOpen(true)}>
          {t("teaching.plan.cancel")}
        </Button>
      </div>
    );
  return (
    <Card title={t("teaching.plan.cancel")}>
      <div className="stack">
        <TextField
          label={t("teaching.plan.cancelReason")}
          hint={t("teaching.plan.cancelHint")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="row">
          <Button
            look="danger"
            busy={busy}
            disabled={reason.trim() === ""}
            onClick={() => onCancel(reason.trim())}
          >
            {t("teaching.plan.cancelNow")}
          </Button>
          <Button look="quiet" onClick={() => setOpen(false)}>
            {t("teaching.plan.keep")}
          </Button>
        </div>
      </div>
    </Card>
  );
}
