import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { decisionWords } from "./decision-select.tsx";
import { type RuleSetView, type TriageContent, useSaveSet, useTest } from "./desk-queries.ts";
import { OneFlag, OneRule } from "./rule-fields.tsx";
import { SourceLine } from "./source-line.tsx";
import { Tested } from "./tested.tsx";

type Picked = { list: "redFlags" | "rules"; key: string };
const regions = ["CN", "CN-31", "CN-54"] as const;
const blankWords = { zh: "", en: "", bo: null };
const blankSource = { name: "", year: 2026, recalled: false };

/** A version being written: its danger signs and rules, one at a time; tried before it is saved. */
export function RuleEditor({
  from,
  own,
  onDone,
}: {
  from: RuleSetView;
  /** One's own draft goes on; any other version is the base of a new one. */
  own: boolean;
  onDone: (saved: boolean) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [content, setContent] = useState<TriageContent>(
    own ? from.content : { ...from.content, dropped: [] },
  );
  const [note, setNote] = useState(own ? from.note : "");
  const [validFrom, setValidFrom] = useState(() =>
    own && from.validFrom > isoDate(Date.now()) ? from.validFrom : isoDate(Date.now()),
  );
  const [region, setRegion] = useState(from.region);
  const [about, setAbout] = useState("");
  const [picked, setPicked] = useState<Picked | null>(null);
  const test = useTest();
  const save = useSaveSet(() => onDone(true));
  const change = (part: Partial<TriageContent>) => {
    setContent((before) => ({ ...before, ...part }));
    test.reset();
  };
  const shown = (one: { complaints: readonly string[] | null }) =>
    about === "" || (about === "*" ? one.complaints === null : one.complaints?.includes(about));
  const flag = content.redFlags.find(
    (one) => picked?.list === "redFlags" && one.key === picked.key,
  );
  const rule = content.rules.find((one) => picked?.list === "rules" && one.key === picked.key);
  const fresh = (prefix: string) => {
    const keys = new Set([...content.redFlags, ...content.rules].map((one) => one.key));
    let number = 1;
    while (keys.has(`${prefix}-${number}`)) number += 1;
    return `${prefix}-${number}`;
  };
  const scope = about && about !== "*" ? [about] : null;
  const addFlag = () => {
    const key = fresh("flag");
    const one: TriageContent["redFlags"][number] = {
      key,
      complaints: scope,
      who: null,
      ask: blankWords,
      yes: { outcome: "emergency", urgency: "emergency" },
      unknown: { outcome: "community-visit", urgency: "urgent" },
      because: blankWords,
      source: blankSource,
    };
    change({ redFlags: [...content.redFlags, one] });
    setPicked({ list: "redFlags", key });
  };
  const addRule = () => {
    const key = fresh("rule");
    const one: TriageContent["rules"][number] = {
      key,
      complaints: scope,
      who: null,
      when: { all: [{ value: "temperature", op: ">=", number: 38, unit: "Cel" }] },
      redFlag: false,
      outcome: "community-visit",
      urgency: "urgent",
      specialty: null,
      because: blankWords,
      source: blankSource,
    };
    change({ rules: [...content.rules, one] });
    setPicked({ list: "rules", key });
  };
  const row = (
    list: Picked["list"],
    one: {
      key: string;
      because: { zh: string; en: string; bo: string | null };
      source: TriageContent["rules"][number]["source"];
    },
    decision: Parameters<typeof decisionWords>[0],
    red: boolean,
  ) => (
    <li key={one.key}>
      <button
        type="button"
        className="triage-row"
        aria-pressed={picked?.list === list && picked.key === one.key}
        onClick={() => setPicked({ list, key: one.key })}
      >
        <span className="strong">{nameIn(one.because, language) || one.key}</span>
        <span className="muted small">
          {red ? `${t("triage.flag")} · ` : ""}
          {decisionWords(decision, t)} · {one.key}
        </span>
      </button>
      <p className="muted small triage-source">
        <SourceLine source={one.source} />
      </p>
    </li>
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          own
            ? { id: from.id, validFrom, note, content }
            : { id: null, region, validFrom, note, content },
        );
      }}
    >
      <Card
        title={t(own ? "triage.rules.goOn" : "triage.rules.new")}
        aside={<Status tone="warn">{t("triage.rules.draft")}</Status>}
        strong
      >
        <div className="triage-pair">
          <TextField
            label={t("triage.rules.note")}
            hint={t("triage.rules.noteHow")}
            required
            maxLength={400}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <TextField
            label={t("triage.rules.from")}
            type="date"
            required
            value={validFrom}
            onChange={(event) => setValidFrom(event.target.value)}
          />
          <SelectField
            label={t("triage.rules.region")}
            disabled={own}
            value={region}
            onChange={(event) => {
              setRegion(event.target.value as typeof region);
              test.reset();
            }}
          >
            {regions.map((one) => (
              <option key={one} value={one}>
                {t(`triage.region.${one}`)}
              </option>
            ))}
          </SelectField>
        </div>
        <ProblemNotice error={save.error ?? test.error} />
        <div className="row">
          <Button
            look="soft"
            busy={test.isPending}
            onClick={() => test.mutate({ region, content })}
          >
            {t("triage.rules.try")}
          </Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {t("triage.rules.save")}
          </Button>
          <Button look="quiet" onClick={() => onDone(false)}>
            {t("common.cancel")}
          </Button>
        </div>
        {test.data ? <Tested answer={test.data} content={content} /> : null}
      </Card>
      <div className="triage-two">
        <div className="stack">
          {flag ? (
            <OneFlag
              key={flag.key}
              flag={flag}
              content={content}
              onChange={(next) =>
                change({
                  redFlags: content.redFlags.map((one) => (one.key === flag.key ? next : one)),
                })
              }
              onDrop={(reason) => {
                setPicked(null);
                change({
                  redFlags: content.redFlags.filter((one) => one.key !== flag.key),
                  dropped: reason
                    ? [...content.dropped, { key: flag.key, reason }]
                    : content.dropped,
                });
              }}
            />
          ) : rule ? (
            <OneRule
              key={rule.key}
              rule={rule}
              content={content}
              onChange={(next) =>
                change({ rules: content.rules.map((one) => (one.key === rule.key ? next : one)) })
              }
              onDrop={(reason) => {
                setPicked(null);
                change({
                  rules: content.rules.filter((one) => one.key !== rule.key),
                  dropped: reason
                    ? [...content.dropped, { key: rule.key, reason }]
                    : content.dropped,
                });
              }}
            />
          ) : (
            <Card>
              <p className="muted">{t("triage.rules.pick")}</p>
            </Card>
          )}
        </div>
        <aside>
          <Card title={t("triage.rules.all")}>
            <SelectField
              label={t("triage.rules.about")}
              value={about}
              onChange={(event) => setAbout(event.target.value)}
            >
              <option value="">{t("triage.rules.everything")}</option>
              <option value="*">{t("triage.rules.anyComplaint")}</option>
              {content.complaints.map((one) => (
                <option key={one.key} value={one.key}>
                  {nameIn(one.name, language)}
                </option>
              ))}
            </SelectField>
            <div className="row">
              <Button look="soft" onClick={addFlag}>
                {t("triage.rules.addFlag")}
              </Button>
              <Button look="soft" onClick={addRule}>
                {t("triage.rules.addRule")}
              </Button>
            </div>
            <ul className="triage-list">
              {content.redFlags.filter(shown).map((one) => row("redFlags", one, one.yes, true))}
              {content.rules
                .filter(shown)
                .map((one) =>
                  row("rules", one, { outcome: one.outcome, urgency: one.urgency }, one.redFlag),
                )}
            </ul>
          </Card>
        </aside>
      </div>
    </form>
  );
}
