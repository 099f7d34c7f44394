import { type ReactNode, useState } from "react";
import type { ScheduleBody } from "../../../server/booking/schedule-contract.ts";
import { Button } from "../../design/components/button.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { useText } from "../../i18n/i18n.ts";

/** What of a clinic may be changed at any time; what is open already keeps its length of segments. */
export function ScheduleFields({
  initial,
  withActive = false,
  children,
  busy,
  error,
  words,
  onSave,
}: {
  initial: ScheduleBody;
  withActive?: boolean;
  /** Fields of a new clinic only. */
  children?: ReactNode;
  busy: boolean;
  error: unknown;
  words: string;
  onSave: (body: ScheduleBody) => void;
}) {
  const t = useText();
  const [body, setBody] = useState(initial);
  const set = (change: Partial<ScheduleBody>) => setBody({ ...body, ...change });
  const setName = (change: Partial<ScheduleBody["name"]>) =>
    set({ name: { ...body.name, ...change } });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSave({ ...body, name: { ...body.name, bo: body.name.bo || null } });
      }}
    >
      {children}
      <div className="field-row">
        <TextField
          label={t("schedules.field.nameZh")}
          required
          maxLength={60}
          lang="zh-CN"
          value={body.name.zh}
          onChange={(event) => setName({ zh: event.target.value })}
        />
        <TextField
          label={t("schedules.field.nameEn")}
          required
          maxLength={80}
          lang="en"
          value={body.name.en}
          onChange={(event) => setName({ en: event.target.value })}
        />
        <TextField
          label={t("schedules.field.nameBo")}
          optional={t("common.optional")}
          maxLength={120}
          lang="bo"
          value={body.name.bo ?? ""}
          onChange={(event) => setName({ bo: event.target.value })}
        />
      </div>
      <div className="field-row">
        <TextField
          label={t("schedules.field.place")}
          required
          maxLength={120}
          value={body.place}
          onChange={(event) => set({ place: event.target.value })}
        />
        <TextField
          label={t("schedules.field.fee")}
          type="number"
          inputMode="decimal"
          min={0}
          max={10_000}
          step={0.5}
          required
          value={body.feeCents / 100}
          onChange={(event) => set({ feeCents: Math.round(Number(event.target.value) * 100) })}
        />
        <Segmented
          label={t("schedules.field.segmentMinutes")}
          value={String(body.segmentMinutes) as "30" | "60"}
          options={[
            { value: "30", label: t("schedules.minutes", { minutes: 30 }) },
            { value: "60", label: t("schedules.minutes", { minutes: 60 }) },
          ]}
          onChange={(value) => set({ segmentMinutes: value === "30" ? 30 : 60 })}
        />
      </div>
      {withActive ? (
        <CheckField
          label={t("schedules.field.active")}
          hint={t("schedules.field.activeHint")}
          checked={body.active}
          onChange={(event) => set({ active: event.target.checked })}
        />
      ) : null}
      <ProblemNotice error={error} />
      <Button type="submit" look="primary" className="align-start" busy={busy}>
        {words}
      </Button>
    </form>
  );
}
