import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { StaffView } from "../api/session.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { useDirectory } from "../consult/queries.ts";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ErrorSummary } from "../design/components/error-summary.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { send } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { PatientSearch, type Subject } from "../workbench/patient-search.tsx";
import { useRaise, useReceivers } from "./queries.ts";
import { type ReceiverChoice, ReceiverFields, receiverBody } from "./receiver-fields.tsx";
import { useSubject } from "./subject.ts";
import { usualItems } from "./usual-items.ts";
import { instantOf, localInput } from "./words.ts";

/** Raise a critical value: whose, what, and who has to answer. */
export function RaiseForm({ session, back }: { session: StaffView; back: ReactNode }) {
  const t = useText();
  const { consultId, consult, subject, pick } = useSubject();
  const directory = useDirectory();
  const receivers = useReceivers(consultId);
  // What is filled in comes from these: the form begins when they are there.
  const waiting = (consultId && consult.isPending) || directory.isPending || receivers.isPending;
  const own = directory.data?.institutions.find((one) => one.id === session.institution.id);
  const first = consultId ? receivers.data?.receivers[0] : undefined;
  return (
    <main id="main" className="bench-main bench-wide">
      {back}
      <header>
        <h1>{t("reporting.raise.title")}</h1>
        <p className="muted">{t("reporting.raise.how")}</p>
      </header>
      <ProblemNotice error={consult.error} retry={() => void consult.refetch()} />
      {subject ? <PersonLine person={subject} level={2} /> : null}
      {!consultId && !subject ? (
        <PatientSearch
          action={t("reporting.pick")}
          hint={t("reporting.patientHint")}
          onPick={pick}
        />
      ) : null}
      {waiting ? <Skeleton lines={6} /> : null}
      {subject && !waiting ? (
        <Fields
          subject={subject}
          consultId={consultId}
          place={own && consult.data?.side !== "invited" ? own.name : ""}
          altitudeMetres={
            consult.data?.content.vitals?.altitudeMetres ??
            (consult.data ? consult.data.inviting.altitudeMetres : own?.altitudeMetres) ??
            null
          }
          receiver={first ? { personId: first.personId, institutionId: first.institutionId } : null}
        />
      ) : null}
    </main>
  );
}

function Fields({
  subject,
  consultId,
  place,
  altitudeMetres,
  receiver,
}: {
  subject: Subject;
  consultId: string | null;
  place: string;
  altitudeMetres: number | null;
  receiver: { personId: string; institutionId: string } | null;
}) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const [item, setItem] = useState("");
  const [value, setValue] = useState("");
  const [unit, setUnit] = useState("");
  const [measuredAt, setMeasuredAt] = useState(() => localInput(new Date()));
  const [placeText, setPlaceText] = useState(place);
  const [altitude, setAltitude] = useState(altitudeMetres?.toString() ?? "");
  const [note, setNote] = useState("");
  const [choice, setChoice] = useState<ReceiverChoice>({ by: "person", person: receiver });
  const [wrong, setWrong] = useState(false);
  const raise = useRaise((raised) => go(`/reporting/value/${raised.id}`));
  const names = usualItems.map((one) => ({ ...one, name: language === "en" ? one.en : one.zh }));
  const usual = names.find((one) => one.name === item.trim());
  const at = instantOf(measuredAt);
  const to = receiverBody(choice);
  const missing = [
    ...(item.trim() ? [] : [{ href: "#item", text: t("reporting.raise.noItem") }]),
    ...(value.trim() ? [] : [{ href: "#value", text: t("reporting.raise.noValue") }]),
    ...(at ? [] : [{ href: "#measured", text: t("reporting.raise.noTime") }]),
    ...(to ? [] : [{ href: "#receiver", text: t("reporting.receiver.missing") }]),
  ];
  return (
    <form
      className="reason-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setWrong(missing.length > 0);
        if (!at || !to || missing.length > 0) return;
        raise.mutate({
          patientId: subject.id,
          consultId,
          itemCode: usual?.code ?? null,
          itemText: item.trim(),
          valueText: value.trim(),
          unit: unit.trim() || null,
          measuredAt: at,
          placeText: placeText.trim() || null,
          altitudeMetres: /^-?\d{1,4}$/.test(altitude.trim()) ? Number(altitude) : null,
          note: note.trim() || null,
          receiver: to,
        });
      }}
    >
      {wrong ? <ErrorSummary title={t("reporting.missing")} items={missing} /> : null}
      <Card>
        <TextField
          id="item"
          label={t("reporting.item")}
          hint={t("reporting.itemHint")}
          list="usual-items"
          autoComplete="off"
          value={item}
          error={wrong && !item.trim() ? t("reporting.raise.noItem") : undefined}
          onChange={(event) => {
            setItem(event.target.value);
            const found = names.find((one) => one.name === event.target.value.trim());
            if (found) setUnit(found.unit ?? "");
          }}
        />
        <datalist id="usual-items">
          {names.map((one) => (
            <option key={one.code} value={one.name} />
          ))}
        </datalist>
        <div className="field-row reporting-top">
          <TextField
            id="value"
            label={t("reporting.value")}
            className="critical-input"
            autoComplete="off"
            value={value}
            error={wrong && !value.trim() ? t("reporting.raise.noValue") : undefined}
            onChange={(event) => setValue(event.target.value)}
          />
          <TextField
            label={t("reporting.unit")}
            optional={t("common.optional")}
            value={unit}
            onChange={(event) => setUnit(event.target.value)}
          />
        </div>
        <div className="field-row">
          <TextField
            id="measured"
            label={t("reporting.measuredAt")}
            type="datetime-local"
            value={measuredAt}
            error={wrong && !at ? t("reporting.raise.noTime") : undefined}
            onChange={(event) => setMeasuredAt(event.target.value)}
          />
          <TextField
            label={t("reporting.place")}
            optional={t("common.optional")}
            value={placeText}
            onChange={(event) => setPlaceText(event.target.value)}
          />
          <TextField
            label={t("reporting.altitudeField")}
            optional={t("common.optional")}
            inputMode="numeric"
            value={altitude}
            onChange={(event) => setAltitude(event.target.value)}
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
      <Card title={t("reporting.raise.to")}>
        <ReceiverFields consultId={consultId} choice={choice} onChange={setChoice} wrong={wrong} />
      </Card>
      <ProblemNotice error={raise.error} />
      <Button
        look="primary"
        type="submit"
        icon={send}
        busy={raise.isPending}
        className="align-start"
      >
        {t("reporting.raise.send", { name: nameOf(subject, t) })}
      </Button>
    </form>
  );
}
