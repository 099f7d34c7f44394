import { type FormEvent, useState } from "react";
import type { TransferDetail } from "../../server/transfer/contract.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { useCall } from "./queries.ts";

type Fields = Record<string, string>;
/** Plain text fields of one form. */
function useFields(first: Fields) {
  const [entry, setEntry] = useState(first);
  const field = (name: string) => ({
    value: entry[name] ?? "",
    required: true,
    onChange: (event: { target: { value: string } }) =>
      setEntry((before) => ({ ...before, [name]: event.target.value })),
  });
  return { entry, field, clear: () => setEntry(first) };
}

const minutesAhead = (minutes: string) =>
  /^\d+$/.test(minutes) ? new Date(Date.now() + Number(minutes) * 60_000).toISOString() : null;

export function AssignForm({
  one,
  busy,
  onSend,
}: {
  one: TransferDetail;
  busy: boolean;
  onSend: (body: Record<string, unknown>) => void;
}) {
  const t = useText();
  const { entry, field } = useFields({
    plate: one.plate ?? "",
    vehicle: one.kind === "infectious" ? "negative-pressure" : (one.vehicle ?? "ordinary"),
    escortName: one.escort?.name ?? "",
    escortPhone: one.escort?.phone ?? "",
    minutes: "",
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { minutes, ...body } = entry;
    onSend({ ...body, expectedAt: minutesAhead(minutes ?? "") });
  };
  return (
    <form className="transfer-form" onSubmit={submit}>
      <TextField label={t("transfer.assign.plate")} maxLength={20} {...field("plate")} />
      <SelectField
        label={t("transfer.assign.vehicle")}
        {...field("vehicle")}
        disabled={one.kind === "infectious"}
      >
        <option value="ordinary">{t("transfer.vehicle.ordinary")}</option>
        <option value="negative-pressure">{t("transfer.vehicle.negative-pressure")}</option>
      </SelectField>
      <TextField label={t("transfer.assign.escortName")} maxLength={60} {...field("escortName")} />
      <TextField
        label={t("transfer.assign.escortPhone")}
        type="tel"
        maxLength={20}
        {...field("escortPhone")}
      />
      <TextField
        label={t("transfer.assign.minutes")}
        inputMode="numeric"
        {...field("minutes")}
        required={false}
      />
      <Button type="submit" look="primary" busy={busy}>
        {t("transfer.assign.send")}
      </Button>
    </form>
  );
}

const measured = [
  ["systolicMmHg", 30, 320],
  ["diastolicMmHg", 10, 220],
  ["pulsePerMinute", 0, 350],
  ["breathsPerMinute", 0, 120],
  ["spo2Percent", 20, 100],
  ["temperatureCelsius", 25, 45],
] as const;

/** Signed for with a name, the condition, and what was measured at the door. */
export function HandOverForm({
  busy,
  onSend,
}: {
  busy: boolean;
  onSend: (body: Record<string, unknown>) => void;
}) {
  const t = useText();
  const { entry, field } = useFields({ receiverName: "", condition: "" });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { receiverName, condition, ...values } = entry;
    const vitals = Object.fromEntries(
      Object.entries(values)
        .filter(([, value]) => value.trim() !== "")
        .map(([name, value]) => [name, Number(value)]),
    );
    onSend({ receiverName, condition, vitals });
  };
  return (
    <form className="transfer-form" onSubmit={submit}>
      <h4 className="transfer-wide">{t("transfer.handOver.title")}</h4>
      {measured.map(([name, min, max]) => (
        <TextField
          key={name}
          label={t(`transfer.vitals.${name}`)}
          type="number"
          inputMode="decimal"
          step={name === "temperatureCelsius" ? 0.1 : 1}
          min={min}
          max={max}
          {...field(name)}
          required={false}
        />
      ))}
      <div className="transfer-wide">
        <TextArea
          label={t("transfer.handOver.condition")}
          maxLength={2000}
          {...field("condition")}
        />
      </div>
      <TextField
        label={t("transfer.handOver.receiver")}
        hint={t("transfer.handOver.receiverHow")}
        maxLength={60}
        {...field("receiverName")}
      />
      <Button type="submit" look="primary" busy={busy}>
        {t("transfer.handOver.send")}
      </Button>
    </form>
  );
}

/** A telephone hand-over: who, what was said, and what was said back. */
export function CallForm({ id }: { id: string }) {
  const t = useText();
  const { entry, field, clear } = useFields({ with: "", said: "", readBack: "" });
  const call = useCall(id, clear);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call.mutate({
      with: entry.with ?? "",
      said: entry.said ?? "",
      readBack: entry.readBack ?? "",
      at: new Date().toISOString(),
    });
  };
  return (
    <details className="transfer-more">
      <summary>{t("transfer.calls.add")}</summary>
      <form className="stack" onSubmit={submit}>
        <TextField label={t("transfer.calls.with")} maxLength={60} {...field("with")} />
        <TextArea label={t("transfer.calls.said")} maxLength={4000} {...field("said")} />
        <TextArea label={t("transfer.calls.readBack")} maxLength={4000} {...field("readBack")} />
        <Button type="submit" look="soft" busy={call.isPending}>
          {t("transfer.calls.send")}
        </Button>
        <ProblemNotice error={call.error} />
      </form>
    </details>
  );
}

export function ReasonForm({
  label,
  send,
  busy,
  onSend,
}: {
  label: string;
  send: string;
  busy: boolean;
  onSend: (words: string) => void;
}) {
  const { entry, field } = useFields({ words: "" });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(entry.words ?? "");
      }}
    >
      <TextArea label={label} maxLength={300} {...field("words")} />
      <Button type="submit" look="soft" busy={busy}>
        {send}
      </Button>
    </form>
  );
}
