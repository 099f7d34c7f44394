import { type FormEvent, useEffect, useRef, useState } from "react";
import { uuid } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { PatientSearch, type Subject } from "../workbench/patient-search.tsx";
import {
  type Bed,
  type Unit,
  useAdmit,
  useBedAction,
  useDischarge,
  useExpected,
  useHoldStep,
  usePlanHold,
} from "./queries.ts";
import { bedLook, inWords } from "./words.ts";

const longestReason = 200;

/** What may be done with the bed at hand; beside the map, never over it. */
export function BedPanel({
  bed,
  unit,
  departmentId,
  today,
  manages,
  onClose,
}: {
  bed: Bed;
  unit: Unit;
  departmentId: string;
  today: string;
  manages: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const look = bedLook[bed.state];
  const panel = useRef<HTMLElement>(null);
  // Opened from a list above, it may lie below the edge of the window.
  useEffect(() => {
    void panel.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section ref={panel} className="bed-panel" aria-label={t("capacity.bed", { label: bed.label })}>
      <header className="row spread">
        <div className="row">
          <h4>{t("capacity.bed", { label: bed.label })}</h4>
          <Status tone={look.tone} icon={look.icon}>
            {t(`capacity.state.${bed.state}`)}
          </Status>
          {bed.since ? (
            <span className="muted small">{t("capacity.since", { time: dayTime(bed.since) })}</span>
          ) : null}
          {bed.reason && bed.state === "out-of-use" ? <span>{bed.reason}</span> : null}
        </div>
        <Button look="quiet" onClick={onClose}>
          {t("capacity.close")}
        </Button>
      </header>
      {bed.stay ? (
        <StayPart stay={bed.stay} today={today} manages={manages} onDone={onClose} />
      ) : null}
      {bed.state === "held" && bed.hold ? (
        <HoldPart hold={bed.hold} manages={manages} onDone={onClose} />
      ) : null}
      {manages && bed.state === "free" ? (
        <FreePart
          bed={bed}
          unit={unit}
          departmentId={departmentId}
          today={today}
          onDone={onClose}
        />
      ) : null}
      {manages && (bed.state === "cleaning" || bed.state === "out-of-use") ? (
        <BackPart bed={bed} onDone={onClose} />
      ) : null}
    </section>
  );
}

function Who({ patient }: { patient: { name: string; ageYears: number | null } | null }) {
  const t = useText();
  if (!patient) return <strong>—</strong>;
  return (
    <strong className="bed-name">
      {patient.ageYears === null
        ? patient.name
        : t("capacity.bedWho", { name: patient.name, age: patient.ageYears })}
    </strong>
  );
}

function StayPart({
  stay,
  today,
  manages,
  onDone,
}: {
  stay: NonNullable<Bed["stay"]>;
  today: string;
  manages: boolean;
  onDone: () => void;
}) {
  const t = useText();
  const expect = useExpected(stay.id);
  const leave = useDischarge(onDone);
  const [day, setDay] = useState(stay.expectedDischargeOn ?? "");
  const [sure, setSure] = useState(false);
  return (
    <>
      <p>
        <Who patient={stay.patient} />{" "}
        <span className="muted">
          {t("capacity.stay.since", { time: dayTime(stay.since) })} ·{" "}
          {t(`capacity.stay.source.${stay.source}`)}
        </span>
      </p>
      {manages ? (
        <form
          className="capacity-form"
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            expect.mutate(day === "" ? null : day);
          }}
        >
          <TextField
            label={t("capacity.stay.expected")}
            hint={t("capacity.stay.expectedHow")}
            type="date"
            min={today}
            value={day}
            onChange={(event) => setDay(event.target.value)}
          />
          <Button type="submit" look="soft" busy={expect.isPending}>
            {t("capacity.stay.saveExpected")}
          </Button>
          {sure ? (
            <>
              <Button look="danger" busy={leave.isPending} onClick={() => leave.mutate(stay.id)}>
                {t("capacity.stay.dischargeSure")}
              </Button>
              <Button look="quiet" onClick={() => setSure(false)}>
                {t("common.cancel")}
              </Button>
            </>
          ) : (
            <Button look="primary" onClick={() => setSure(true)}>
              {t("capacity.stay.discharge")}
            </Button>
          )}
        </form>
      ) : stay.expectedDischargeOn ? (
        <p className="muted">
          {t("capacity.stay.expected")} {stay.expectedDischargeOn}
        </p>
      ) : null}
      <ProblemNotice error={expect.error ?? leave.error} />
    </>
  );
}

const longerHours = 12;
function HoldPart({
  hold,
  manages,
  onDone,
}: {
  hold: NonNullable<Bed["hold"]>;
  manages: boolean;
  onDone: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const step = useHoldStep(hold.id);
  const [open, setOpen] = useState<"extend" | "release" | null>(null);
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState(String(longerHours));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (open === "extend")
      step.mutate(
        {
          step: "extend",
          until: new Date(Date.parse(hold.until) + Number(hours) * 3_600_000).toISOString(),
          reason: reason.trim(),
        },
        { onSuccess: () => setOpen(null) },
      );
    else step.mutate({ step: "release", reason: reason.trim() }, { onSuccess: onDone });
  };
  return (
    <>
      <p>
        <Who patient={hold.patient} />{" "}
        <span className="muted">
          {t("capacity.hold.by", { holder: inWords(hold.heldBy, language) })} ·{" "}
          {t(`capacity.hold.for.${hold.purpose}`)}
        </span>{" "}
        <Countdown dueAt={hold.until} />
      </p>
      {hold.extendedReason ? (
        <p className="muted">
          {t("capacity.hold.extended", {
            // What a referral's "set off" leaves as its reason.
            reason:
              hold.extendedReason === "set-off" ? t("capacity.hold.setOff") : hold.extendedReason,
          })}
        </p>
      ) : null}
      {manages && open === null ? (
        <div className="row">
          <Button
            look="primary"
            busy={step.isPending}
            onClick={() => step.mutate({ step: "admission" }, { onSuccess: onDone })}
          >
            {t("capacity.hold.admit")}
          </Button>
          <Button
            onClick={() => {
              setReason(t("capacity.hold.setOff"));
              setOpen("extend");
            }}
          >
            {t("capacity.hold.extend")}
          </Button>
          <Button
            look="quiet"
            onClick={() => {
              setReason("");
              setOpen("release");
            }}
          >
            {t("capacity.hold.release")}
          </Button>
        </div>
      ) : null}
      {open ? (
        <form className="capacity-form" onSubmit={submit}>
          {open === "extend" ? (
            <TextField
              label={t("capacity.hold.extendHours")}
              type="number"
              inputMode="numeric"
              min={1}
              max={72}
              required
              value={hours}
              onChange={(event) => setHours(event.target.value)}
            />
          ) : null}
          <TextField
            label={t("capacity.hold.reason")}
            required
            maxLength={longestReason}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" look="primary" busy={step.isPending}>
            {t(open === "extend" ? "capacity.hold.extend" : "capacity.hold.release")}
          </Button>
          <Button look="quiet" onClick={() => setOpen(null)}>
            {t("common.cancel")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={step.error} />
    </>
  );
}

function FreePart({
  bed,
  unit,
  departmentId,
  today,
  onDone,
}: {
  bed: Bed;
  unit: Unit;
  departmentId: string;
  today: string;
  onDone: () => void;
}) {
  const t = useText();
  const admit = useAdmit(bed.id, onDone);
  const plan = usePlanHold(onDone);
  const close = useBedAction(bed.id, onDone);
  const [patient, setPatient] = useState<Subject | null>(null);
  const [day, setDay] = useState("");
  const [why, setWhy] = useState("");
  const [closing, setClosing] = useState(false);
  const [reason, setReason] = useState("");
  const [referenceId] = useState(uuid);
  const keeps = unit.free <= unit.priorityLeft;
  if (closing)
    return (
      <form
        className="capacity-form"
        onSubmit={(event) => {
          event.preventDefault();
          close.mutate({ action: "out-of-use", reason: reason.trim() });
        }}
      >
        <TextField
          label={t("capacity.hold.reason")}
          required
          autoFocus
          maxLength={longestReason}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button type="submit" look="danger" busy={close.isPending}>
          {t("capacity.outOfUse")}
        </Button>
        <Button look="quiet" onClick={() => setClosing(false)}>
          {t("common.cancel")}
        </Button>
        <ProblemNotice error={close.error} />
      </form>
    );
  if (!patient)
    return (
      <>
        <PatientSearch
          action={t("reporting.pick")}
          hint={t("reporting.patientHint")}
          onPick={setPatient}
        />
        <div className="row">
          <Button look="quiet" onClick={() => setClosing(true)}>
            {t("capacity.outOfUse")}
          </Button>
        </div>
      </>
    );
  return (
    <form
      className="capacity-form"
      onSubmit={(event) => {
        event.preventDefault();
        admit.mutate({
          patientId: patient.id,
          expectedDischargeOn: day === "" ? null : day,
          overQuotaReason: why.trim() === "" ? null : why.trim(),
        });
      }}
    >
      <p className="capacity-wide">
        <Who
          patient={{
            name: patient.fullName ?? patient.fullNameBo ?? "—",
            ageYears: patient.ageYears,
          }}
        />
      </p>
      <TextField
        label={t("capacity.stay.expected")}
        type="date"
        min={today}
        value={day}
        onChange={(event) => setDay(event.target.value)}
      />
      {keeps || admit.error ? (
        <TextField
          label={t("capacity.overQuota")}
          hint={t("capacity.overQuotaHow")}
          maxLength={longestReason}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
      ) : null}
      <Button type="submit" look="primary" busy={admit.isPending}>
        {t("capacity.admit")}
      </Button>
      <Button
        busy={plan.isPending}
        onClick={() =>
          plan.mutate({ departmentId, kind: unit.kind, patientId: patient.id, referenceId })
        }
      >
        {t("capacity.hold.place")}
      </Button>
      <Button look="quiet" onClick={() => setPatient(null)}>
        {t("common.cancel")}
      </Button>
      <div className="capacity-wide">
        <ProblemNotice error={admit.error ?? plan.error} />
      </div>
    </form>
  );
}

function BackPart({ bed, onDone }: { bed: Bed; onDone: () => void }) {
  const t = useText();
  const act = useBedAction(bed.id, onDone);
  const action = bed.state === "cleaning" ? "cleaned" : "back-in-use";
  return (
    <>
      <div className="row">
        <Button look="primary" busy={act.isPending} onClick={() => act.mutate({ action })}>
          {t(action === "cleaned" ? "capacity.cleaned" : "capacity.backInUse")}
        </Button>
      </div>
      <ProblemNotice error={act.error} />
    </>
  );
}
