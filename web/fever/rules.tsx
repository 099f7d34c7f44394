import { useState } from "react";
import type { EntryKey, VenueKey } from "../../server/fever/venue-words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { inWords } from "../hotline/words.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { type PolicyView, useDraft, usePreview, usePublish, useRules } from "./queries.ts";
import { Areas, Asked, SaidFields } from "./rule-words.tsx";

/** Versions of the questionnaire; a draft counts when a second clinician has published it. */
export function Rules() {
  const t = useText();
  const language = useLanguage();
  const rules = useRules();
  const publish = usePublish();
  const [writing, setWriting] = useState<PolicyView | null>(null);
  if (rules.isPending) return <Skeleton lines={6} />;
  const policies = rules.data?.policies ?? [];
  return (
    <>
      <ProblemNotice error={rules.error ?? publish.error} />
      {writing ? <Draft from={writing} onDone={() => setWriting(null)} /> : null}
      {policies.map((one) => (
        <Card
          key={one.id}
          title={`${t(`patient.fever.region.${one.region}`)} · ${t("fever.rules.version", { version: one.version, day: one.validFrom })}`}
          aside={
            <Status tone={one.current ? "good" : one.state === "draft" ? "warn" : "quiet"}>
              {t(
                one.current
                  ? "fever.rules.current"
                  : one.state === "draft"
                    ? "fever.rules.draft"
                    : "fever.rules.published",
              )}
            </Status>
          }
        >
          <p>
            {t("fever.rules.numbers", {
              temperature: (one.temperatureTenths / 10).toFixed(1),
              days: one.lookbackDays,
              cluster: one.clusterLeast,
              hours: one.blockHours,
            })}
            {one.asksMarmots ? ` · ${t("fever.rules.marmots")}` : ""}
          </p>
          {one.recalled ? <Status tone="warn">{t("fever.rules.recalled")}</Status> : null}
          {one.areas.length > 0 ? (
            <p>{one.areas.map((area) => inWords(area, language)).join(" · ")}</p>
          ) : null}
          <Asked
            questions={one.questions}
            said={[...Object.values(one.venues), ...Object.values(one.entry)]}
          />
          <p className="muted small">
            {[
              one.author
                ? t("fever.rules.byAuthor", { name: one.author })
                : t("fever.rules.starter"),
              one.publisher ? t("fever.rules.byPublisher", { name: one.publisher }) : null,
              one.source,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <div className="row">
            {one.mayPublish ? (
              <Button
                look="primary"
                busy={publish.isPending}
                onClick={() => publish.mutate(one.id)}
              >
                {t("fever.rules.publish")}
              </Button>
            ) : one.state === "draft" ? (
              <p className="muted small">{t("fever.rules.second")}</p>
            ) : null}
            {one.current && !writing ? (
              <Button look="soft" onClick={() => setWriting(one)}>
                {t("fever.rules.new")}
                <span className="visually-hidden"> {t(`patient.fever.region.${one.region}`)}</span>
              </Button>
            ) : null}
          </div>
        </Card>
      ))}
    </>
  );
}

function Draft({ from, onDone }: { from: PolicyView; onDone: () => void }) {
  const t = useText();
  const draft = useDraft();
  const [fields, setFields] = useState({
    validFrom: isoDate(Date.now()),
    temperature: (from.temperatureTenths / 10).toFixed(1),
    lookbackDays: String(from.lookbackDays),
    clusterLeast: String(from.clusterLeast),
    blockHours: String(from.blockHours),
    asksMarmots: from.asksMarmots,
    areas: from.areas,
    venues: from.venues,
    entry: from.entry,
    source: "",
  });
  const preview = usePreview({
    temperatureTenths: Math.round(Number(fields.temperature) * 10),
    lookbackDays: Number(fields.lookbackDays),
    clusterLeast: Number(fields.clusterLeast),
    asksMarmots: fields.asksMarmots,
    areas: fields.areas,
  });
  const set = (change: Partial<typeof fields>) => setFields((before) => ({ ...before, ...change }));
  return (
    <Card title={`${t("fever.rules.new")} · ${t(`patient.fever.region.${from.region}`)}`} strong>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          draft.mutate(
            {
              region: from.region,
              validFrom: fields.validFrom,
              temperatureTenths: Math.round(Number(fields.temperature) * 10),
              repeatMinMinutes: from.repeatMinMinutes,
              repeatMaxMinutes: from.repeatMaxMinutes,
              lookbackDays: Number(fields.lookbackDays),
              clusterLeast: Number(fields.clusterLeast),
              asksMarmots: fields.asksMarmots,
              blockHours: Number(fields.blockHours),
              resultMinHours: from.resultMinHours,
              resultMaxHours: from.resultMaxHours,
              areas: fields.areas,
              venues: fields.venues,
              entry: fields.entry,
              source: fields.source,
            },
            { onSuccess: onDone },
          );
        }}
      >
        <div className="two-columns">
          <TextField
            label={t("fever.rules.from")}
            type="date"
            required
            value={fields.validFrom}
            onChange={(event) => set({ validFrom: event.target.value })}
          />
          <TextField
            label={t("fever.rules.temperature")}
            type="number"
            step="0.1"
            min={36}
            max={39}
            required
            value={fields.temperature}
            onChange={(event) => set({ temperature: event.target.value })}
          />
          <SelectField
            label={t("fever.rules.lookback")}
            value={fields.lookbackDays}
            onChange={(event) => set({ lookbackDays: event.target.value })}
          >
            <option value="7">7</option>
            <option value="14">14</option>
          </SelectField>
          <TextField
            label={t("fever.rules.cluster")}
            type="number"
            min={2}
            max={20}
            required
            value={fields.clusterLeast}
            onChange={(event) => set({ clusterLeast: event.target.value })}
          />
          <TextField
            label={t("fever.rules.block")}
            type="number"
            min={1}
            max={336}
            required
            value={fields.blockHours}
            onChange={(event) => set({ blockHours: event.target.value })}
          />
        </div>
        <CheckField
          label={t("fever.rules.marmots")}
          checked={fields.asksMarmots}
          onChange={(event) => set({ asksMarmots: event.target.checked })}
        />
        <Areas areas={fields.areas} onChange={(areas) => set({ areas })} />
        <h3>{t("fever.rules.said")}</h3>
        {(Object.keys(fields.venues) as VenueKey[]).map((key) => (
          <SaidFields
            key={key}
            title={t(`fever.venue.${key}`)}
            said={fields.venues[key]}
            onChange={(one) => set({ venues: { ...fields.venues, [key]: one } })}
          />
        ))}
        {(Object.keys(fields.entry) as EntryKey[]).map((key) => (
          <SaidFields
            key={key}
            title={t(`fever.entry.${key}`)}
            said={fields.entry[key]}
            onChange={(one) => set({ entry: { ...fields.entry, [key]: one } })}
          />
        ))}
        <TextField
          label={t("fever.rules.source")}
          required
          maxLength={300}
          value={fields.source}
          onChange={(event) => set({ source: event.target.value })}
        />
        <Asked questions={preview.data?.questions ?? []} said={[]} />
        <ProblemNotice error={draft.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={draft.isPending}>
            {t("fever.rules.save")}
          </Button>
          <Button look="quiet" onClick={onDone}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
