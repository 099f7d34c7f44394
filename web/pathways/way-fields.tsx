import type { ReactNode } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { WordsFields } from "../design/components/words-fields.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { inWords } from "../referral/words.ts";
import { LimitFields } from "./limit-fields.tsx";
import { newCode } from "./plan-editor.tsx";
import type { Alliance, Way, Words } from "./queries.ts";
import { DiagnosisField, WardFactFields } from "./ward-fields.tsx";

/** Rows of one kind under one heading: each may go, further ones come at the end. */
function Rows<Row>({
  label,
  hint,
  rows,
  keyOf,
  nameOf,
  blank,
  add,
  onChange,
  children,
}: {
  label: string;
  hint?: string;
  rows: readonly Row[];
  keyOf: (row: Row, at: number) => string;
  nameOf: (row: Row) => string;
  blank: (() => Row) | null;
  add: string;
  onChange: (rows: Row[]) => void;
  children: (row: Row, set: (next: Row) => void, at: number) => ReactNode;
}) {
  const t = useText();
  return (
    <fieldset className="pathways-rows">
      <legend className="field-label">{label}</legend>
      {hint ? <p className="field-hint">{hint}</p> : null}
      {rows.map((row, at) => (
        <div key={keyOf(row, at)} className="pathways-row">
          {children(row, (next) => onChange(rows.map((one, n) => (n === at ? next : one))), at)}
          <Button
            look="quiet"
            size="small"
            icon={close}
            className="align-start"
            aria-label={t("pathways.remove", { name: nameOf(row) || String(at + 1) })}
            onClick={() => onChange(rows.filter((_, n) => n !== at))}
          >
            {t("common.remove")}
          </Button>
        </div>
      ))}
      {blank ? (
        <Button
          look="soft"
          size="small"
          icon={plus}
          className="align-start"
          onClick={() => onChange([...rows, blank()])}
        >
          {add}
        </Button>
      ) : null}
    </fieldset>
  );
}

const noWords = (): Words => ({ zh: "", en: "", bo: null });

/** One way of the alliance, field by field. */
export function WayFields({
  way,
  of,
  onChange,
  onDrop,
}: {
  way: Way;
  of: Alliance;
  onChange: (way: Way) => void;
  /** Null: the last way stays. */
  onDrop: (() => void) | null;
}) {
  const t = useText();
  const language = useLanguage();
  const named = useNameOf();
  const set = (part: Partial<Way>) => onChange({ ...way, ...part });
  const specialties = new Map(
    of.houses.flatMap((house) =>
      house.departments.map((unit) => [unit.specialtyCode, named(unit)] as const),
    ),
  );
  for (const code of way.specialtyCodes) if (!specialties.has(code)) specialties.set(code, code);
  const receiverKey = (one: Way["receivers"][number]) =>
    `${one.institutionId} ${one.departmentId ?? ""}`;
  const choices = of.houses.flatMap((house) => [
    { institutionId: house.institution.id, departmentId: null, words: named(house.institution) },
    ...house.departments.map((unit) => ({
      institutionId: house.institution.id,
      departmentId: unit.id,
      words: `${named(house.institution)} · ${named(unit)}`,
    })),
  ]);
  const free = choices.find(
    (one) => !way.receivers.some((each) => receiverKey(each) === receiverKey(one)),
  );
  const move = (at: number, by: number) => {
    const next = [...way.receivers];
    const [one] = next.splice(at, 1);
    next.splice(at + by, 0, one!);
    set({ receivers: next });
  };
  return (
    <>
      <Card title={t("pathways.about")}>
        <WordsFields
          className="pathways-pair"
          maxLength={200}
          label={t("pathways.name")}
          value={way.names}
          onChange={(names) => set({ names })}
        />
        <SelectField
          label={t("pathways.directionLabel")}
          value={way.direction}
          onChange={(event) => set({ direction: event.target.value as Way["direction"] })}
        >
          <option value="up">{t("pathways.direction.up")}</option>
          <option value="down">{t("pathways.direction.down")}</option>
        </SelectField>
        <fieldset className="pathways-rows">
          <legend className="field-label">{t("pathways.specialties")}</legend>
          <p className="field-hint">{t("pathways.specialtiesHow")}</p>
          <div className="pathways-ticks">
            {[...specialties].toSorted().map(([code, words]) => (
              <CheckField
                key={code}
                label={`${words} (${code})`}
                checked={way.specialtyCodes.includes(code)}
                onChange={(event) =>
                  set({
                    specialtyCodes: event.target.checked
                      ? [...way.specialtyCodes, code]
                      : way.specialtyCodes.filter((one) => one !== code),
                  })
                }
              />
            ))}
          </div>
        </fieldset>
        <DiagnosisField
          value={way.diagnosisPrefixes}
          onChange={(diagnosisPrefixes) => set({ diagnosisPrefixes })}
        />
        <div className="pathways-pair">
          <TextField
            label={t("pathways.source")}
            required
            maxLength={300}
            value={way.source}
            onChange={(event) => set({ source: event.target.value })}
          />
          <CheckField
            label={t("pathways.recalledHow")}
            checked={way.recalled}
            onChange={(event) => set({ recalled: event.target.checked })}
          />
        </div>
      </Card>
      <Card title={t("pathways.criteria")}>
        <Rows
          label={t("pathways.criteriaHow")}
          rows={way.criteria}
          keyOf={(one) => one.code}
          nameOf={(one) => inWords(one.names, language)}
          add={t("pathways.addCriterion")}
          blank={() => ({
            code: newCode("criterion"),
            names: noWords(),
            evidence: null,
            wardFact: null,
          })}
          onChange={(criteria) => set({ criteria })}
        >
          {(one, put) => (
            <>
              <WordsFields
                className="pathways-pair"
                maxLength={200}
                label={t("pathways.criterion")}
                value={one.names}
                onChange={(names) => put({ ...one, names })}
              />
              <LimitFields
                evidence={one.evidence}
                onChange={(evidence) => put({ ...one, evidence })}
              />
              {way.direction === "down" ? (
                <WardFactFields
                  value={one.wardFact}
                  onChange={(wardFact) => put({ ...one, wardFact })}
                />
              ) : null}
            </>
          )}
        </Rows>
      </Card>
      <Card title={t("pathways.receivers")}>
        <Rows
          label={t("pathways.receiversHow")}
          rows={way.receivers}
          keyOf={(one) => receiverKey(one)}
          nameOf={(one) =>
            choices.find((each) => receiverKey(each) === receiverKey(one))?.words ?? ""
          }
          add={t("pathways.addReceiver")}
          blank={
            free
              ? () => ({ institutionId: free.institutionId, departmentId: free.departmentId })
              : null
          }
          onChange={(receivers) => set({ receivers })}
        >
          {(one, put, at) => (
            <div className="pathways-pair">
              <SelectField
                label={t("pathways.receiver", { place: at + 1 })}
                value={receiverKey(one)}
                onChange={(event) => {
                  const found = choices.find((each) => receiverKey(each) === event.target.value);
                  if (found)
                    put({ institutionId: found.institutionId, departmentId: found.departmentId });
                }}
              >
                {choices
                  .filter(
                    (each) =>
                      receiverKey(each) === receiverKey(one) ||
                      !way.receivers.some((other) => receiverKey(other) === receiverKey(each)),
                  )
                  .map((each) => (
                    <option key={receiverKey(each)} value={receiverKey(each)}>
                      {each.words}
                    </option>
                  ))}
              </SelectField>
              <div className="row">
                <Button
                  look="quiet"
                  disabled={at === 0}
                  aria-label={t("pathways.earlier", { place: at + 1 })}
                  onClick={() => move(at, -1)}
                >
                  ↑
                </Button>
                <Button
                  look="quiet"
                  disabled={at === way.receivers.length - 1}
                  aria-label={t("pathways.later", { place: at + 1 })}
                  onClick={() => move(at, 1)}
                >
                  ↓
                </Button>
              </div>
            </div>
          )}
        </Rows>
      </Card>
      <Card title={t("pathways.wanted")}>
        <Rows
          label={t("pathways.wantedHow")}
          rows={way.wantedResults}
          keyOf={(_, at) => String(at)}
          nameOf={(one) => inWords(one, language)}
          add={t("pathways.addWanted")}
          blank={noWords}
          onChange={(wantedResults) => set({ wantedResults })}
        >
          {(one, put) => (
            <WordsFields
              className="pathways-pair"
              maxLength={200}
              label={t("pathways.result")}
              value={one}
              onChange={put}
            />
          )}
        </Rows>
      </Card>
      {way.direction === "down" ? (
        <Card title={t("pathways.onward")}>
          <Rows
            label={t("pathways.followUps")}
            hint={t("pathways.followUpsHow")}
            rows={way.followUpDays}
            keyOf={(_, at) => String(at)}
            nameOf={(one) => String(one)}
            add={t("pathways.addFollowUp")}
            blank={() => Math.min(365, (way.followUpDays.at(-1) ?? 0) + 7)}
            onChange={(followUpDays) => set({ followUpDays })}
          >
            {(one, put, at) => (
              <TextField
                label={t("pathways.followUp", { place: at + 1 })}
                type="number"
                required
                min={(way.followUpDays[at - 1] ?? 0) + 1}
                max={365}
                value={one || ""}
                onChange={(event) => put(Math.round(Number(event.target.value)))}
              />
            )}
          </Rows>
          <Rows<Way["returnTriggers"][number]>
            label={t("pathways.triggers")}
            hint={t("pathways.triggersHow")}
            rows={way.returnTriggers}
            keyOf={(one) => one.code}
            nameOf={(one) => (one.kind === "words" ? inWords(one.names, language) : one.measure)}
            add={t("pathways.addTrigger")}
            blank={() => ({
              code: newCode("trigger"),
              kind: "value",
              measure: "systolicMmHg",
              atLeast: 180,
            })}
            onChange={(returnTriggers) => set({ returnTriggers })}
          >
            {(one, put) => (
              <>
                <SelectField
                  label={t("pathways.triggerKind")}
                  value={one.kind}
                  onChange={(event) =>
                    put(
                      event.target.value === "words"
                        ? { code: one.code, kind: "words", names: noWords() }
                        : { code: one.code, kind: "value", measure: "systolicMmHg", atLeast: 180 },
                    )
                  }
                >
                  <option value="value">{t("pathways.triggerValue")}</option>
                  <option value="words">{t("pathways.triggerWords")}</option>
                </SelectField>
                {one.kind === "words" ? (
                  <WordsFields
                    className="pathways-pair"
                    maxLength={200}
                    label={t("pathways.happens")}
                    value={one.names}
                    onChange={(names) => put({ ...one, names })}
                  />
                ) : (
                  <LimitFields
                    evidence={{
                      [one.measure]: { atLeast: one.atLeast, atMost: one.atMost },
                    }}
                    single
                    onChange={(evidence) => {
                      const [measure, limit] = Object.entries(evidence ?? {})[0] ?? [];
                      put({
                        code: one.code,
                        kind: "value",
                        measure: (measure ?? one.measure) as typeof one.measure,
                        ...limit,
                      });
                    }}
                  />
                )}
              </>
            )}
          </Rows>
        </Card>
      ) : null}
      {onDrop ? (
        <Button look="quiet" className="align-start" onClick={onDrop}>
          {t("pathways.drop")}
        </Button>
      ) : null}
    </>
  );
}
