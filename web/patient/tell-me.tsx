import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PreferenceView } from "../../server/notices/contract.ts";
import type { NoticeMode } from "../../server/notices/domain.ts";
import { api } from "../api/client.ts";
import type { PatientView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { minuteOf, wallTime } from "../notices/minutes.ts";

const key = ["my", "notice-preferences"];

/** How each of this phone's people is told of changes: by message, by a call, or by a call to a helper. */
export function TellMe({ session }: { session: PatientView }) {
  const t = useText();
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api.get<{ preferences: PreferenceView[] }>("/api/my/notice-preferences", signal),
  });
  const list = found.data?.preferences ?? [];
  if (found.data && list.length === 0) return null;
  return (
    <Card title={t("patient.me.tell.title")}>
      <p className="muted">{t("patient.me.tell.how")}</p>
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {list.map((one) => (
        <One
          key={one.patientId + one.mode + one.contactPhoneMasked}
          preference={one}
          name={session.patients.find((patient) => patient.id === one.patientId)?.name ?? ""}
        />
      ))}
    </Card>
  );
}

type Quiet = PreferenceView["quiet"];
const isQuiet = (quiet: Quiet) => quiet.fromMinute !== quiet.toMinute;
/** What the fields begin with when there were no quiet hours. */
const shown = (quiet: Quiet): Quiet =>
  isQuiet(quiet) ? quiet : { fromMinute: 22 * 60, toMinute: 7 * 60 };

function One({ preference, name }: { preference: PreferenceView; name: string }) {
  const t = useText();
  const client = useQueryClient();
  const [mode, setMode] = useState<NoticeMode>(preference.mode);
  const [helper, setHelper] = useState(preference.contactName ?? "");
  const [phone, setPhone] = useState("");
  const save = useWrite(
    (body: object, idempotency) =>
      api.put<PreferenceView>(
        `/api/my/notice-preferences/${preference.patientId}`,
        body,
        idempotency,
      ),
    { onDone: () => client.invalidateQueries({ queryKey: key }) },
  );
  /** The hours are seldom changed: their fields come when they are asked for. */
  const [times, setTimes] = useState(false);
  const [quiet, setQuiet] = useState(isQuiet(preference.quiet));
  const [from, setFrom] = useState(wallTime(shown(preference.quiet).fromMinute));
  const [to, setTo] = useState(wallTime(shown(preference.quiet).toMinute));
  const wanted = quiet
    ? { fromMinute: minuteOf(from), toMinute: minuteOf(to) }
    : { fromMinute: 0, toMinute: 0 };
  const other =
    quiet !== isQuiet(preference.quiet) ||
    (quiet &&
      (wanted.fromMinute !== preference.quiet.fromMinute ||
        wanted.toMinute !== preference.quiet.toMinute));
  const changed =
    other || mode !== preference.mode || phone !== "" || helper !== (preference.contactName ?? "");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({
          mode,
          contactName: mode === "call-helper" ? helper.trim() || null : null,
          contactRelation: mode === "call-helper" ? "helper" : null,
          contactPhone: mode === "sms" ? null : phone.trim() || null,
          ...(other ? { quiet: wanted } : {}),
        });
      }}
    >
      <Segmented
        label={t("patient.me.tell.for", { name })}
        value={mode}
        onChange={setMode}
        options={(["sms", "call-me", "call-helper"] as const).map((value) => ({
          value,
          label: t(`patient.me.tell.${value}`),
        }))}
      />
      {mode === "call-helper" ? (
        <TextField
          label={t("patient.me.tell.name")}
          required
          maxLength={80}
          value={helper}
          onChange={(event) => setHelper(event.target.value)}
        />
      ) : null}
      {mode === "sms" ? null : (
        <TextField
          label={t("patient.me.tell.phone")}
          hint={
            preference.contactPhoneMasked
              ? t("patient.me.tell.kept", { phone: preference.contactPhoneMasked })
              : mode === "call-me"
                ? t("patient.me.tell.own")
                : undefined
          }
          type="tel"
          required={mode === "call-helper" && !preference.contactPhoneMasked}
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
        />
      )}
      <Segmented
        label={t("patient.me.tell.quiet")}
        hint={quiet ? t("patient.me.tell.quietHow", { from, to }) : t("patient.me.tell.quietOff")}
        value={quiet ? "on" : "off"}
        onChange={(value) => setQuiet(value === "on")}
        options={[
          { value: "on", label: t("patient.me.tell.quietOn") },
          { value: "off", label: t("patient.me.tell.quietNo") },
        ]}
      />
      {quiet && !times ? (
        <Button look="quiet" className="align-start" onClick={() => setTimes(true)}>
          {t("patient.me.tell.quietTimes")}
        </Button>
      ) : null}
      {quiet && times ? (
        <div className="row">
          <TextField
            label={t("patient.me.tell.quietFrom")}
            type="time"
            required
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <TextField
            label={t("patient.me.tell.quietTo")}
            type="time"
            required
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
      ) : null}
      <ProblemNotice error={save.error} />
      {changed ? (
        <Button type="submit" look="primary" busy={save.isPending}>
          {t("patient.me.tell.save")}
        </Button>
      ) : null}
    </form>
  );
}
