import { useState } from "react";
import type { DraftBody, PrescriptionView } from "../../server/prescription/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { KeyForm, useOwnKey } from "../consult/sign-panel.tsx";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { pen } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { CanonicalMismatch } from "../signing/sign-opinion.ts";
import { signPrescription } from "../signing/sign-prescription.ts";
import { Facts, SourceOf } from "./parts.tsx";
import { type Found, useAct, useMedicines } from "./queries.ts";
import { gradeTone, medicineName, sentenceOf } from "./words.ts";

const frequencies = [
  "qd",
  "bid",
  "tid",
  "qid",
  "5x",
  "qn",
  "qod",
  "weekly",
  "prn1",
  "prn3",
  "prn4",
  "once",
] as const;
const kinds = ["ordinary", "emergency", "long"] as const;
type Draft = Omit<DraftBody, "version">;

const draftOf = (row: PrescriptionView): Draft => ({
  kind: row.kind,
  diagnoses: row.diagnoses,
  lines: row.lines.map(({ code, dose, frequency, days, quantity, instructions }) => ({
    code,
    dose,
    frequency,
    days,
    quantity,
    instructions,
  })),
  typed: row.typed,
  assessment: row.assessment,
  chartNote: row.chartNote,
  patientSigned: row.patientSigned,
  guardianPresent: row.guardianPresent,
  specialistPresent: row.specialistPresent,
  note: row.note,
  validDays: row.validDays,
  overruled: Object.fromEntries(
    row.warnings.flatMap(({ key, reason }) => (reason ? [[key, reason]] : [])),
  ),
});
const words = (text: string): string[] =>
  text
    .split(/[、，,;；\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
/** The usual number of times a day as a frequency. */
const usual = (times: number): Draft["lines"][number]["frequency"] =>
  times < 0.5
    ? "weekly"
    : times === 2
      ? "bid"
      : times === 3
        ? "tid"
        : times === 4
          ? "qid"
          : times === 5
            ? "5x"
            : "qd";

/**
 * A doctor's draft: every change is saved and checked at once, what speaks against a line stands beside it. Enter in
 * the search takes the first medicine, so that hands stay on the keys.
 */
export function Editor({
  row,
  personId,
  onChanged,
}: {
  row: PrescriptionView;
  personId: string;
  onChanged: (row: PrescriptionView) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [draft, setDraft] = useState(() => draftOf(row));
  const save = useWrite(
    (body: DraftBody, key) => api.put<PrescriptionView>(`/api/prescriptions/${row.id}`, body, key),
    { onDone: onChanged },
  );
  const change = (more: Partial<Draft>, now = true) => {
    const next = { ...draft, ...more };
    setDraft(next);
    if (now) save.mutate({ ...next, version: row.version });
  };
  const send = () => save.mutate({ ...draft, version: row.version });
  const changeLine = (at: number, more: Partial<Draft["lines"][number]>, now = true) =>
    change(
      { lines: draft.lines.map((one, place) => (place === at ? { ...one, ...more } : one)) },
      now,
    );
  const add = (found: Found) => {
    // Once is enough: its dose is changed on its line.
    if (draft.lines.some((one) => one.code === found.code)) return;
    const frequency = usual(found.times);
    const days = draft.kind === "emergency" ? 3 : draft.kind === "long" ? 28 : 7;
    const dose = found.dose ?? 1;
    const needed = dose * Math.max(found.times, 1 / 7) * days;
    change({
      lines: [
        ...draft.lines,
        {
          code: found.code,
          dose,
          frequency,
          days,
          quantity: Math.max(1, Math.ceil(needed / found.pack)) * found.pack,
          instructions: "",
        },
      ],
    });
  };
  const number = (text: string) => (text.trim() === "" ? null : Number(text));
  return (
    <div className="stack">
      <Notice tone="info" live={false} title={t("prescription.starter")} />
      {row.returnNote ? (
        <Notice tone="warn" live={false} title={t("prescription.returnedBecause")}>
          {row.returnNote}
        </Notice>
      ) : null}
      {row.changed && row.changed.length > 0 ? (
        <Card title={t("prescription.changedSince")}>
          <ul>
            {row.changed.map((one) => (
              <li key={one.zh}>{sentenceOf(one, language)}</li>
            ))}
          </ul>
        </Card>
      ) : null}
      <Card title={t("prescription.patient")}>
        <Facts facts={row.facts} />
        <div className="rx-grid">
          <TextField
            label={t("prescription.allergiesAsked")}
            hint={t("prescription.listHint")}
            defaultValue={draft.typed.allergies?.join("、") ?? ""}
            onBlur={(event) =>
              change({ typed: { ...draft.typed, allergies: words(event.target.value) } })
            }
          />
          <TextField
            label={t("prescription.takesAsked")}
            hint={t("prescription.listHint")}
            defaultValue={draft.typed.takes?.join("、") ?? ""}
            onBlur={(event) =>
              change({ typed: { ...draft.typed, takes: words(event.target.value) } })
            }
          />
          <TextField
            label={t("prescription.weight")}
            type="number"
            min={0.3}
            step={0.1}
            defaultValue={draft.typed.weightKg ?? ""}
            onBlur={(event) =>
              change({ typed: { ...draft.typed, weightKg: number(event.target.value) } })
            }
          />
          <TextField
            label="eGFR (ml/min/1.73 m²)"
            type="number"
            min={1}
            defaultValue={draft.typed.egfr ?? ""}
            onBlur={(event) =>
              change({ typed: { ...draft.typed, egfr: number(event.target.value) } })
            }
          />
          {row.facts.sex === "male" ? null : (
            <SelectField
              label={t("prescription.pregnant")}
              value={String(draft.typed.pregnant)}
              onChange={(event) =>
                change({
                  typed: {
                    ...draft.typed,
                    pregnant: event.target.value === "null" ? null : event.target.value === "true",
                  },
                })
              }
            >
              <option value="null">{t("prescription.notAsked")}</option>
              <option value="false">{t("prescription.no")}</option>
              <option value="true">{t("prescription.yes")}</option>
            </SelectField>
          )}
        </div>
      </Card>
      <Card title={t("prescription.what")}>
        <div className="rx-grid">
          <SelectField
            label={t("prescription.kind")}
            value={draft.kind}
            onChange={(event) =>
              change({ kind: kinds.find((one) => one === event.target.value) ?? "ordinary" })
            }
          >
            {kinds.map((one) => (
              <option key={one} value={one}>
                {t(`prescription.kind.${one}`)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t("prescription.diagnosis")}
            hint={t("prescription.diagnosisHint")}
            defaultValue={draft.diagnoses
              .map((one) => `${one.code ?? ""} ${one.text}`.trim())
              .join("、")}
            onBlur={(event) =>
              change({
                diagnoses: words(event.target.value).map((text) => {
                  const found = /^([A-Z]\d{2}(?:\.\w{1,6})?)\s+(.+)$/.exec(text);
                  return found ? { code: found[1]!, text: found[2]! } : { code: null, text };
                }),
              })
            }
          />
        </div>
        <Search prescription={row.id} onFound={add} />
        <ol className="rx-lines">
          {draft.lines.map((line, at) => {
            const shown = row.lines.find((one) => one.code === line.code);
            return (
              <li key={line.code}>
                <div className="row spread">
                  <strong>
                    {shown ? `${medicineName(shown, language)} ${shown.strength}` : line.code}
                  </strong>
                  <Button
                    look="quiet"
                    onClick={() =>
                      change({ lines: draft.lines.filter((_, place) => place !== at) })
                    }
                  >
                    {t("prescription.remove")}
                  </Button>
                </div>
                <div className="rx-grid">
                  <TextField
                    label={t("prescription.dose", { unit: shown?.unit ?? "" })}
                    type="number"
                    min={0.1}
                    step="any"
                    value={line.dose}
                    onChange={(event) =>
                      changeLine(at, { dose: Number(event.target.value) }, false)
                    }
                    onBlur={send}
                  />
                  <SelectField
                    label={t("prescription.howOften")}
                    value={line.frequency}
                    onChange={(event) =>
                      changeLine(at, {
                        frequency: frequencies.find((one) => one === event.target.value) ?? "qd",
                      })
                    }
                  >
                    {frequencies.map((one) => (
                      <option key={one} value={one}>
                        {t(`prescription.frequency.${one}`)}
                      </option>
                    ))}
                  </SelectField>
                  <TextField
                    label={t("prescription.days")}
                    type="number"
                    min={1}
                    value={line.days}
                    onChange={(event) =>
                      changeLine(at, { days: Number(event.target.value) }, false)
                    }
                    onBlur={send}
                  />
                  <TextField
                    label={t("prescription.quantity", { unit: shown?.unit ?? "" })}
                    type="number"
                    min={1}
                    step="any"
                    value={line.quantity}
                    onChange={(event) =>
                      changeLine(at, { quantity: Number(event.target.value) }, false)
                    }
                    onBlur={send}
                  />
                </div>
                <Reasons
                  warnings={row.warnings.filter((one) => one.lines[0] === at)}
                  overruled={draft.overruled}
                  onReason={(key, reason) =>
                    change({ overruled: { ...draft.overruled, [key]: reason } })
                  }
                />
              </li>
            );
          })}
        </ol>
        <Reasons
          warnings={row.warnings.filter((one) => one.lines.length === 0)}
          overruled={draft.overruled}
          onReason={(key, reason) => change({ overruled: { ...draft.overruled, [key]: reason } })}
        />
        {draft.kind === "long" ? (
          <div className="stack">
            <TextArea
              label={t("prescription.assessment")}
              defaultValue={draft.assessment ?? ""}
              onBlur={(event) => change({ assessment: event.target.value || null })}
            />
            <TextArea
              label={t("prescription.chartNote")}
              defaultValue={draft.chartNote ?? ""}
              onBlur={(event) => change({ chartNote: event.target.value || null })}
            />
            <CheckField
              label={t("prescription.patientSigned")}
              checked={draft.patientSigned}
              onChange={(event) => change({ patientSigned: event.target.checked })}
            />
          </div>
        ) : null}
        <SelectField
          label={t("prescription.validDays")}
          value={String(draft.validDays)}
          onChange={(event) => change({ validDays: Number(event.target.value) })}
        >
          {["1", "2", "3"].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
      </Card>
      <ProblemNotice error={save.error} kept={t("prescription.kept")} />
      <SignIt row={row} personId={personId} busy={save.isPending} onSigned={onChanged} />
    </div>
  );
}

function Search({
  prescription,
  onFound,
}: {
  prescription: string;
  onFound: (found: Found) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const found = useMedicines(typed.trim(), prescription);
  const list = typed.trim() === "" ? [] : (found.data?.medicines ?? []);
  const take = (one: Found) => {
    setTyped("");
    onFound(one);
  };
  return (
    <div className="stack">
      <TextField
        label={t("prescription.search")}
        hint={t("prescription.searchHint")}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && list[0]) take(list[0]);
        }}
      />
      <ProblemNotice error={found.error} />
      {typed.trim() !== "" && found.data && list.length === 0 ? (
        <p className="muted">{t("prescription.nothingFound")}</p>
      ) : null}
      <ul className="rx-found">
        {list.map((one) => (
          <li key={one.code}>
            <Button look="plain" wide onClick={() => take(one)}>
              {medicineName(one, language)} {one.strength}{" "}
              <span className="muted small">
                {one.atc}{" "}
                {one.stock === null
                  ? ""
                  : one.stock > 0
                    ? t("prescription.inStock", { count: one.stock, unit: one.unit })
                    : t("prescription.outOfStock")}
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Reasons({
  warnings,
  overruled,
  onReason,
}: {
  warnings: PrescriptionView["warnings"];
  overruled: Readonly<Record<string, string>>;
  onReason: (key: string, reason: string) => void;
}) {
  const t = useText();
  const language = useLanguage();
  return warnings.length === 0 ? null : (
    <ul className="rx-warnings">
      {warnings.map((one) => (
        <li key={one.key}>
          <Status tone={gradeTone[one.grade]}>{t(`prescription.grade.${one.grade}`)}</Status>{" "}
          <span>{sentenceOf(one.words, language)}</span> <SourceOf source={one.source} />
          {one.grade === "reason" ? (
            <TextField
              label={t("prescription.reason")}
              defaultValue={overruled[one.key] ?? ""}
              onBlur={(event) => onReason(one.key, event.target.value)}
            />
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function SignIt({
  row,
  personId,
  busy,
  onSigned,
}: {
  row: PrescriptionView;
  personId: string;
  busy: boolean;
  onSigned: (row: PrescriptionView) => void;
}) {
  const t = useText();
  const key = useOwnKey(personId);
  const [giving, setGiving] = useState(false);
  const [reason, setReason] = useState("");
  const act = useAct(onSigned);
  const sign = useWrite(
    async (_: { version: number }, idempotencyKey) => {
      if (!key.data?.own) throw new Error("no key");
      return signPrescription(row, key.data.own, idempotencyKey);
    },
    { onDone: onSigned },
  );
  return (
    <div className="stack">
      {row.open > 0 ? (
        <Notice tone="warn" live={false} title={t("prescription.open", { count: row.open })} />
      ) : null}
      {sign.error instanceof CanonicalMismatch ? (
        <Notice tone="bad" title={t("prescription.mismatch")} />
      ) : (
        <ProblemNotice error={sign.error} kept={t("prescription.kept")} />
      )}
      {key.data?.own ? (
        <Button
          look="primary"
          size="large"
          icon={pen}
          busy={sign.isPending}
          disabled={busy || row.open > 0 || row.lines.length === 0 || row.diagnoses.length === 0}
          onClick={() => sign.mutate({ version: row.version })}
        >
          {t("prescription.sign")}
        </Button>
      ) : key.isPending ? (
        <p className="muted">{t("common.loading")}</p>
      ) : (
        <KeyForm personId={personId} replaces={key.data?.other ?? null} />
      )}
      {giving ? (
        <div className="row">
          <TextField
            label={t("prescription.cancelReason")}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button
            look="danger"
            disabled={reason.trim() === ""}
            busy={act.isPending}
            onClick={() =>
              act.mutate({
                path: `/api/prescriptions/${row.id}/cancel`,
                body: { version: row.version, reason },
              })
            }
          >
            {t("prescription.cancel")}
          </Button>
        </div>
      ) : (
        <Button look="quiet" className="align-start" onClick={() => setGiving(true)}>
          {t("prescription.cancel")}
        </Button>
      )}
      <ProblemNotice error={act.error} />
    </div>
  );
}
