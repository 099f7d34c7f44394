import { type FormEvent, useState } from "react";
import type { AbsenceKind } from "../../server/capacity/domain.ts";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { calendar } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { CapacityFrame } from "./frame.tsx";
import {
  type Absence,
  type Absences,
  useAbsences,
  useAddAbsence,
  useCancelAbsence,
  useCover,
} from "./queries.ts";
import { inWords } from "./words.ts";

const kinds: readonly AbsenceKind[] = ["leave", "sick", "training", "posted", "other"];

/** Who is away from today on, and who covers. */
export function AbsencesPage({ session }: { session: StaffView }) {
  const t = useText();
  const list = useAbsences();
  return (
    <CapacityFrame
      session={session}
      title={t("capacity.absence.title")}
      how={t("capacity.absence.how")}
    >
      {list.isPending ? <Skeleton lines={5} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data ? (
        <>
          {list.data.absences.length === 0 ? (
            <Empty icon={calendar} title={t("capacity.absence.none")}>
              {t("capacity.absence.noneHow")}
            </Empty>
          ) : (
            <ul className="capacity-lines">
              {list.data.absences.map((one) => (
                <li key={one.id}>
                  <AbsenceLine absence={one} list={list.data} />
                </li>
              ))}
            </ul>
          )}
          <NewAbsence list={list.data} />
        </>
      ) : null}
    </CapacityFrame>
  );
}

function AbsenceLine({ absence, list }: { absence: Absence; list: Absences }) {
  const t = useText();
  const language = useLanguage();
  const cover = useCover();
  const cancel = useCancelAbsence();
  const days = t("capacity.absence.days", { from: absence.fromDay, to: absence.toDay });
  return (
    <div className="stack stack-2">
      <div className="row spread">
        <span>
          <strong>{absence.person}</strong> {t(`capacity.absence.kind.${absence.kind}`)}{" "}
          <span className="muted">
            {inWords(absence.department, language)} · {days}
            {absence.reason ? ` · ${absence.reason}` : ""}
          </span>
        </span>
        <span className="row">
          {absence.now ? <Status tone="info">{t("capacity.absence.today")}</Status> : null}
          {absence.coveredBy ? (
            <Status tone="good">
              {t("capacity.absence.coveredBy", { name: absence.coveredBy })}
            </Status>
          ) : (
            <Status tone="warn">{t("capacity.absence.uncovered")}</Status>
          )}
        </span>
      </div>
      <div className="capacity-form">
        <SelectField
          label={
            <>
              {t("capacity.absence.cover")}
              <span className="visually-hidden"> {absence.person}</span>
            </>
          }
          value=""
          onChange={(event) =>
            cover.mutate({
              id: absence.id,
              coveredBy: event.target.value === "-" ? null : event.target.value,
            })
          }
        >
          <option value="" disabled>
            {t("capacity.absence.choose")}
          </option>
          <option value="-">{t("capacity.absence.nobody")}</option>
          {list.colleagues
            .filter((one) => one.name !== absence.person)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
        </SelectField>
        <Button look="quiet" busy={cancel.isPending} onClick={() => cancel.mutate(absence.id)}>
          {t("capacity.absence.cancel")}
          <span className="visually-hidden">
            {" "}
            {absence.person} {days}
          </span>
        </Button>
      </div>
      <ProblemNotice error={cover.error ?? cancel.error} />
    </div>
  );
}

function NewAbsence({ list }: { list: Absences }) {
  const t = useText();
  const language = useLanguage();
  const empty = {
    personId: "",
    departmentId: list.departments[0]?.id ?? "",
    kind: "leave" as AbsenceKind,
    fromDay: list.today,
    toDay: list.today,
    reason: "",
    coveredBy: "",
  };
  const [entry, setEntry] = useState(empty);
  const add = useAddAbsence(() => setEntry(empty));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({
      ...entry,
      reason: entry.reason.trim() === "" ? null : entry.reason.trim(),
      coveredBy: entry.coveredBy === "" ? null : entry.coveredBy,
    });
  };
  const field = (name: keyof typeof entry) => ({
    value: entry[name],
    onChange: (event: { target: { value: string } }) =>
      setEntry({ ...entry, [name]: event.target.value }),
  });
  const people = list.colleagues.map((one) => (
    <option key={one.id} value={one.id}>
      {one.name} · {inWords(one.role, language)}
    </option>
  ));
  return (
    <Card title={t("capacity.absence.add")}>
      <form className="capacity-form" onSubmit={submit}>
        <SelectField label={t("capacity.absence.person")} required {...field("personId")}>
          <option value="" disabled>
            {t("capacity.absence.choose")}
          </option>
          {people}
        </SelectField>
        <SelectField label={t("capacity.unit.department")} {...field("departmentId")}>
          {list.departments.map((one) => (
            <option key={one.id} value={one.id}>
              {inWords(one.name, language)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t("capacity.absence.kind")} {...field("kind")}>
          {kinds.map((one) => (
            <option key={one} value={one}>
              {t(`capacity.absence.kind.${one}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("capacity.absence.from")}
          type="date"
          required
          min={list.today}
          {...field("fromDay")}
        />
        <TextField
          label={t("capacity.absence.to")}
          type="date"
          required
          min={entry.fromDay}
          {...field("toDay")}
        />
        <SelectField label={t("capacity.absence.cover")} {...field("coveredBy")}>
          <option value="">{t("capacity.absence.nobody")}</option>
          {people}
        </SelectField>
        <TextField label={t("capacity.hold.reason")} maxLength={200} {...field("reason")} />
        <Button type="submit" look="primary" busy={add.isPending}>
          {t("capacity.absence.add")}
        </Button>
      </form>
      <ProblemNotice error={add.error} />
    </Card>
  );
}
