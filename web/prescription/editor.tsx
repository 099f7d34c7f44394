import { useRef, useState } from "react";
import type { DraftBody, PrescriptionView } from "../../server/prescription/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { AskedFacts } from "./asked-facts.tsx";
import { LineFields } from "./line-fields.tsx";
import type { Found } from "./queries.ts";
import { Reasons } from "./reasons.tsx";
import { Search } from "./search.tsx";
import { SignIt } from "./sign.tsx";
import { sentenceOf, wordsOf } from "./words.ts";

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
  const version = useRef(row.version);
  version.current = Math.max(version.current, row.version);
  // One after the other: whoever types on while a change is saved does not overtake it.
  const save = useWrite(
    (body: Draft, key) =>
      api.put<PrescriptionView>(
        `/api/prescriptions/${row.id}`,
        { ...body, version: version.current } satisfies DraftBody,
        key,
      ),
    {
      inTurn: `prescription:${row.id}`,
      onDone: (answer) => {
        version.current = answer.version;
        onChanged(answer);
      },
    },
  );
  const change = (more: Partial<Draft>) => {
    const next = { ...draft, ...more };
    setDraft(next);
    save.mutate(next);
  };
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
      <AskedFacts
        facts={row.facts}
        typed={draft.typed}
        onChange={(typed) => change({ typed: { ...draft.typed, ...typed } })}
      />
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
                diagnoses: wordsOf(event.target.value).map((text) => {
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
              <LineFields
                key={line.code}
                line={line}
                shown={shown}
                onChange={(more) =>
                  change({
                    lines: draft.lines.map((one, place) =>
                      place === at ? { ...one, ...more } : one,
                    ),
                  })
                }
                onRemove={() => change({ lines: draft.lines.filter((_, place) => place !== at) })}
              >
                <Reasons
                  warnings={row.warnings.filter((one) => one.lines[0] === at)}
                  overruled={draft.overruled}
                  onReason={(key, reason) =>
                    change({ overruled: { ...draft.overruled, [key]: reason } })
                  }
                />
              </LineFields>
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
        {row.facts.ageMonths !== null && row.facts.ageMonths < 72 ? (
          <div className="stack">
            <CheckField
              label={t("prescription.guardianPresent")}
              checked={draft.guardianPresent}
              onChange={(event) => change({ guardianPresent: event.target.checked })}
            />
            <CheckField
              label={t("prescription.specialistPresent")}
              checked={draft.specialistPresent}
              onChange={(event) => change({ specialistPresent: event.target.checked })}
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
