import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { DiseasePicker } from "../reporting/disease-picker.tsx";
import { useDiseases } from "../reporting/queries.ts";
import { type ActionBody, type DeskView, useAct, type VisitView } from "./queries.ts";

type Name = VisitView["actions"][number];
/** Steps that need no further word. */
const plain = new Set<Name>(["see", "depart"]);
/** What usually comes next stands first and large. */
const looks: Partial<Record<Name, "primary" | "danger">> = {
  "to-fever": "primary",
  "to-room": "primary",
  see: "primary",
  sample: "primary",
  report: "primary",
  depart: "primary",
  "hand-over": "primary",
  disinfect: "primary",
  "order-transfer": "primary",
  "to-emergency": "danger",
};

/** The steps that are possible now; what a step needs is asked for in its place. */
export function Actions({
  visit,
  desk,
  onMoved,
}: {
  visit: VisitView;
  desk: DeskView;
  onMoved: (id: string) => void;
}) {
  const t = useText();
  const [open, setOpen] = useState<Name | null>(null);
  const act = useAct(visit.id, (answer) => {
    setOpen(null);
    // Whoever received goes on with the own visit.
    if (answer.id !== visit.id) onMoved(answer.id);
  });
  if (visit.actions.length === 0) return null;
  const send = (body: ActionBody) => act.mutate({ ...body, version: visit.version });
  const chosen = open && visit.actions.includes(open) ? open : null;
  const own = visit.actions.filter((name) => looks[name] !== "danger");
  const shown = [...own, ...visit.actions.filter((name) => looks[name] === "danger")];
  // Whoever has a room is moved only for a reason.
  const first =
    own.find((name) => looks[name] === "primary" && !(name === "to-room" && visit.room)) ?? own[0];
  return (
    <Card title={t("fever.next")} strong>
      {chosen ? (
        <Step
          name={chosen}
          visit={visit}
          desk={desk}
          busy={act.isPending}
          onSend={send}
          onCancel={() => setOpen(null)}
        />
      ) : (
        <div className="fever-actions">
          {shown.map((name) => (
            <Button
              key={name}
              look={looks[name] === "danger" ? "danger" : name === first ? "primary" : "plain"}
              busy={act.isPending}
              onClick={() =>
                plain.has(name) ? send({ action: name } as ActionBody) : setOpen(name)
              }
            >
              {t(name === "to-room" && visit.room ? "fever.act.move" : `fever.act.${name}`)}
            </Button>
          ))}
        </div>
      )}
      <ProblemNotice error={act.error} />
    </Card>
  );
}

type Fields = Record<string, string>;
function Step({
  name,
  visit,
  desk,
  busy,
  onSend,
  onCancel,
}: {
  name: Name;
  visit: VisitView;
  desk: DeskView;
  busy: boolean;
  onSend: (body: ActionBody) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [fields, setFields] = useState<Fields>({
    kind: "suspected",
    diagnosis: visit.diagnosis ?? "",
  });
  const [disease, setDisease] = useState<string | null>(null);
  const set = (key: string, value: string) => setFields((before) => ({ ...before, [key]: value }));
  const input = (key: string, label: string, required = true) => (
    <TextField
      label={label}
      required={required}
      value={fields[key] ?? ""}
      onChange={(event) => set(key, event.target.value)}
    />
  );
  const text = (key: string) => (fields[key] ?? "").trim();
  const free = desk.rooms.filter(({ state }) => state === "free");
  const report = disease
    ? {
        diseaseCode: disease,
        diagnosisKind: fields.kind as "suspected" | "clinical" | "confirmed" | "carrier",
        note: null,
      }
    : null;
  const bodies: Partial<Record<Name, () => ActionBody | null>> = {
    "to-ordinary": () => ({ action: "to-ordinary", note: text("note") || null }),
    "to-fever": () => ({ action: "to-fever", note: text("note") || null }),
    "to-emergency": () => ({ action: "to-emergency", note: text("note") || null }),
    "to-room": () => (fields.roomId ? { action: "to-room", roomId: fields.roomId } : null),
    sample: () => ({ action: "sample", sampleCode: text("sampleCode") }),
    "record-result": () => ({ action: "record-result", text: text("text") }),
    observe: () => ({ action: "observe", handedTo: text("handedTo") }),
    exclude: () => ({ action: "exclude", diagnosis: text("diagnosis") }),
    leave: () => ({ action: "leave", note: text("note") }),
    suspect: () => ({ action: "suspect", diagnosis: text("diagnosis"), report }),
    report: () => (report ? { action: "report", report } : null),
    "order-transfer": () => ({
      action: "order-transfer",
      ...(desk.higher && fields.outside !== "yes" ? {} : { toName: text("toName") }),
      vehicle: text("vehicle"),
      crew: text("crew"),
    }),
    "hand-over": () => ({ action: "hand-over", receiver: text("receiver") || null }),
    disinfect: () => ({ action: "disinfect", how: text("how") }),
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const body = bodies[name]?.();
        if (body) onSend(body);
      }}
    >
      <h3>{t(`fever.act.${name}`)}</h3>
      {name === "to-ordinary" || name === "to-fever" || name === "to-emergency"
        ? input("note", t("fever.note"), false)
        : null}
      {name === "to-room" ? (
        free.length > 0 ? (
          <fieldset className="fever-choose-room">
            <legend className="field-label">{t("fever.chooseRoom")}</legend>
            {free.map((room) => (
              <label key={room.id} className="fever-room-choice">
                <input
                  type="radio"
                  name="room"
                  required
                  checked={fields.roomId === room.id}
                  onChange={() => set("roomId", room.id)}
                />
                <span>
                  <strong>{room.name}</strong>{" "}
                  <span className="muted small">{t(`fever.room.kind.${room.kind}`)}</span>
                </span>
              </label>
            ))}
          </fieldset>
        ) : (
          <p className="muted">{t("fever.noRoom")}</p>
        )
      ) : null}
      {name === "sample" ? (
        <>
          {input("sampleCode", t("fever.sampleCode"))}
          <p className="muted small">{t("fever.sampleHow")}</p>
        </>
      ) : null}
      {name === "record-result" ? input("text", t("fever.resultText")) : null}
      {name === "observe" ? input("handedTo", t("fever.handedTo")) : null}
      {name === "exclude" || name === "suspect" ? input("diagnosis", t("fever.diagnosis")) : null}
      {name === "leave" ? input("note", t("fever.leaveWhy")) : null}
      {name === "suspect" || name === "report" ? (
        <Disease
          optional={name === "suspect"}
          value={disease}
          kind={fields.kind ?? "suspected"}
          onDisease={setDisease}
          onKind={(kind) => set("kind", kind)}
        />
      ) : null}
      {name === "order-transfer" ? (
        <>
          {desk.higher ? (
            <SelectField
              label={t("fever.to")}
              value={fields.outside ?? "no"}
              onChange={(event) => set("outside", event.target.value)}
            >
              <option value="no">{desk.higher.name.zh}</option>
              <option value="yes">{t("fever.toOutside")}</option>
            </SelectField>
          ) : null}
          {!desk.higher || fields.outside === "yes" ? input("toName", t("fever.to")) : null}
          {input("vehicle", t("fever.vehicle"))}
          {input("crew", t("fever.crew"))}
        </>
      ) : null}
      {name === "hand-over" ? input("receiver", t("fever.receiver"), false) : null}
      {name === "disinfect" ? input("how", t("fever.disinfectHow")) : null}
      <div className="row">
        <Button
          look={name === "to-emergency" ? "danger" : "primary"}
          type="submit"
          busy={busy}
          disabled={name === "to-room" && free.length === 0}
        >
          {t(`fever.act.${name}`)}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}

function Disease({
  optional,
  value,
  kind,
  onDisease,
  onKind,
}: {
  optional: boolean;
  value: string | null;
  kind: string;
  onDisease: (code: string | null) => void;
  onKind: (kind: string) => void;
}) {
  const t = useText();
  const diseases = useDiseases(isoDate(Date.now()));
  return (
    <>
      <DiseasePicker diseases={diseases.data?.diseases ?? []} value={value} onChange={onDisease} />
      {optional ? <p className="muted small">{t("fever.disease")}</p> : null}
      {value ? (
        <>
          <Segmented
            label={t("fever.kind")}
            value={kind}
            options={(["suspected", "clinical", "confirmed", "carrier"] as const).map((one) => ({
              value: one as string,
              label: t(`fever.kind.${one}`),
            }))}
            onChange={onKind}
          />
          <p className="muted small">{t("fever.reportHow")}</p>
        </>
      ) : null}
    </>
  );
}
