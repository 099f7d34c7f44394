import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { CriticalValueView } from "../../server/reporting/contract.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, file, phone } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { ReasonForm } from "../workbench/reason-form.tsx";
import { useActOnValue, useCriticalValue } from "./queries.ts";
import { type ReceiverChoice, ReceiverFields, receiverBody } from "./receiver-fields.tsx";
import { Steps } from "./steps.tsx";
import { valueLine, valueTone } from "./words.ts";

/** One critical value: the value largest, the clock beside it, and the one thing to do now. */
export function CriticalValuePage({ id, back }: { id: string; back: ReactNode }) {
  const t = useText();
  const found = useCriticalValue(id);
  if (!found.data)
    return (
      <main id="main" className="bench-main">
        {back}
        {found.isError ? (
          <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </main>
    );
  const value = found.data;
  return (
    <>
      <main id="main" className="bench-main">
        {back}
        <header className="consult-head">
          <p className="muted small figure">
            {t("reporting.value.from", {
              time: dateTime(value.found.at),
              name: value.found.name,
              institution: value.institution.name,
            })}
          </p>
          <div className="row spread">
            <PersonLine person={value.patient} />
            {value.dueAt ? (
              <Countdown
                dueAt={value.dueAt}
                size="large"
                lead={t(`reporting.clock.${value.state === "open" ? "readBack" : "act"}`)}
                tone={valueTone[value.state]}
              />
            ) : null}
          </div>
          <div className="row">
            <Status tone={valueTone[value.state]}>
              {t(`reporting.valueState.${value.state}`)}
            </Status>
            {value.escalationLevel > 0 && value.dueAt ? (
              <Status tone="bad">{t("reporting.escalated")}</Status>
            ) : null}
          </div>
        </header>
        <Finding value={value} />
        <Answer key={value.state} value={value} />
      </main>
      <aside className="bench-side" aria-label={t("reporting.steps")}>
        <h2>{t("reporting.steps")}</h2>
        <Steps kind="valueStep" steps={value.steps} />
        {value.consultId ? (
          <Link href={`/mine/${value.consultId}`} className={buttonClass("plain")}>
            <Icon path={file} />
            <span>{t("reporting.toConsult")}</span>
          </Link>
        ) : null}
      </aside>
    </>
  );
}

function Finding({ value }: { value: CriticalValueView }) {
  const t = useText();
  const place = [
    value.placeText,
    value.altitudeMetres === null
      ? null
      : t("reporting.altitude", { metres: value.altitudeMetres }),
  ].filter(Boolean);
  return (
    <Card>
      <p className="critical-figure">
        <span>{value.itemText}</span> <strong className="figure">{value.valueText}</strong>{" "}
        <span className="muted">{value.unit}</span>
      </p>
      <dl className="facts">
        <dt>{t("reporting.measuredAt")}</dt>
        <dd className="figure">{dateTime(value.measuredAt)}</dd>
        {place.length > 0 ? (
          <>
            <dt>{t("reporting.place")}</dt>
            <dd>{place.join(" · ")}</dd>
          </>
        ) : null}
        {value.note ? (
          <>
            <dt>{t("reporting.note")}</dt>
            <dd>{value.note}</dd>
          </>
        ) : null}
        <dt>{t("reporting.receiver")}</dt>
        <dd>
          {value.receiver.name} · {value.receiver.phoneMasked ?? value.receiver.institution.name}
        </dd>
        {value.readBack ? (
          <>
            <dt>{t("reporting.readBack")}</dt>
            <dd>
              “{value.readBack.words}”
              <span className="muted small block">
                {value.readBack.name === value.readBack.recordedBy
                  ? t("reporting.readBackBy", {
                      name: value.readBack.name,
                      time: dateTime(value.readBack.at),
                    })
                  : t("reporting.readBackNoted", {
                      name: value.readBack.name,
                      by: value.readBack.recordedBy,
                      time: dateTime(value.readBack.at),
                    })}
              </span>
            </dd>
          </>
        ) : null}
        {value.acted ? (
          <>
            <dt>{t("reporting.actionTaken")}</dt>
            <dd>
              {value.acted.text}
              <span className="muted small block">
                {value.acted.name} · {dateTime(value.acted.at)}
              </span>
            </dd>
          </>
        ) : null}
        {value.cancelled ? (
          <>
            <dt>{t("reporting.cancelReason")}</dt>
            <dd>
              {value.cancelled.reason}
              <span className="muted small block">
                {value.cancelled.name} · {dateTime(value.cancelled.at)}
              </span>
            </dd>
          </>
        ) : null}
      </dl>
    </Card>
  );
}

/** What can be done now; the first is what the clock waits for. */
function Answer({ value }: { value: CriticalValueView }) {
  const t = useText();
  const [open, setOpen] = useState<"redirect" | "cancel" | null>(null);
  const act = useActOnValue(value.id, () => setOpen(null));
  const may = (action: CriticalValueView["actions"][number]) => value.actions.includes(action);
  const version = value.version;
  return (
    <>
      {may("readBack") ? (
        <ReadBack
          value={value}
          busy={act.isPending}
          onSend={(words, name) => act.mutate({ action: "readBack", version, words, name })}
        />
      ) : null}
      {may("recordAction") ? (
        <ActionTaken
          busy={act.isPending}
          onSend={(text) => act.mutate({ action: "recordAction", version, text })}
        />
      ) : null}
      {open === "redirect" ? (
        <Redirect
          value={value}
          busy={act.isPending}
          onCancel={() => setOpen(null)}
          onSend={(receiver) => act.mutate({ action: "redirect", version, receiver })}
        />
      ) : null}
      {open === "cancel" ? (
        <ReasonForm
          title={t("reporting.cancel.title")}
          hint={t("reporting.cancel.hint")}
          submit={t("reporting.cancel.send")}
          busy={act.isPending}
          onSubmit={(reason) => act.mutate({ action: "cancel", version, reason })}
          onCancel={() => setOpen(null)}
        />
      ) : null}
      <ProblemNotice error={act.error} />
      {open === null && (may("redirect") || may("cancel")) ? (
        <div className="action-bar">
          {may("redirect") ? (
            <Button onClick={() => setOpen("redirect")}>{t("reporting.redirect.action")}</Button>
          ) : null}
          {may("cancel") ? (
            <Button look="quiet" onClick={() => setOpen("cancel")}>
              {t("reporting.cancel.action")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

function ReadBack({
  value,
  busy,
  onSend,
}: {
  value: CriticalValueView;
  busy: boolean;
  onSend: (words: string, name: string | null) => void;
}) {
  const t = useText();
  const [words, setWords] = useState("");
  const [name, setName] = useState(value.receiver.name);
  const [wrong, setWrong] = useState(false);
  const heard = value.foundByMe;
  return (
    <Card
      strong={value.mine}
      title={t(heard ? "reporting.heard.title" : "reporting.readBack.title")}
    >
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const incomplete = words.trim() === "" || (heard && name.trim() === "");
          setWrong(incomplete);
          if (!incomplete) onSend(words.trim(), heard ? name.trim() : null);
        }}
      >
        {heard ? (
          <TextField
            label={t("reporting.heard.name")}
            value={name}
            error={wrong && name.trim() === "" ? t("common.error.name") : undefined}
            onChange={(event) => setName(event.target.value)}
          />
        ) : null}
        <TextArea
          label={t("reporting.readBack.words")}
          hint={t("reporting.readBack.hint", { value: valueLine(value) })}
          value={words}
          autoFocus={value.mine}
          error={wrong && words.trim() === "" ? t("reporting.readBack.missing") : undefined}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button
          look={value.mine ? "primary" : "soft"}
          type="submit"
          icon={heard ? phone : check}
          busy={busy}
          className="align-start"
        >
          {t(heard ? "reporting.heard.send" : "reporting.readBack.send")}
        </Button>
      </form>
    </Card>
  );
}

function ActionTaken({ busy, onSend }: { busy: boolean; onSend: (text: string) => void }) {
  const t = useText();
  const [text, setText] = useState("");
  const [empty, setEmpty] = useState(false);
  return (
    <Card strong title={t("reporting.act.title")}>
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setEmpty(text.trim() === "");
          if (text.trim() !== "") onSend(text.trim());
        }}
      >
        <TextArea
          label={t("reporting.actionTaken")}
          hint={t("reporting.act.hint")}
          value={text}
          error={empty && text.trim() === "" ? t("reporting.act.missing") : undefined}
          onChange={(event) => setText(event.target.value)}
        />
        <Button look="primary" type="submit" icon={check} busy={busy} className="align-start">
          {t("reporting.act.send")}
        </Button>
      </form>
    </Card>
  );
}

function Redirect({
  value,
  busy,
  onSend,
  onCancel,
}: {
  value: CriticalValueView;
  busy: boolean;
  onSend: (receiver: NonNullable<ReturnType<typeof receiverBody>>) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [choice, setChoice] = useState<ReceiverChoice>({ by: "person", person: null });
  const [wrong, setWrong] = useState(false);
  return (
    <Card title={t("reporting.redirect.title")}>
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const receiver = receiverBody(choice);
          setWrong(!receiver);
          if (receiver) onSend(receiver);
        }}
      >
        <p className="muted">{t("reporting.redirect.hint")}</p>
        <ReceiverFields
          consultId={value.consultId}
          except={value.receiver.personId}
          choice={choice}
          onChange={setChoice}
          wrong={wrong}
        />
        <div className="row">
          <Button look="primary" type="submit" busy={busy}>
            {t("reporting.redirect.send")}
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
