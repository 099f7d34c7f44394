import type { ReferralContentBody } from "../../server/referral/contract.ts";
import { CheckField, SelectField } from "../design/components/field.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";
import { criteriaMet, triggerMeasures } from "./judge.ts";
import { type Pathway, usePathways } from "./queries.ts";
import { inWords, triggersOf } from "./words.ts";

type Limits = Record<string, { atLeast?: number; atMost?: number }>;

/**
 * The way and its criteria: those that the measured values meet are ticked with their evidence, the
 * others are one tap each.
 */
export function Criteria({ referral, content, set, errorOf }: Fields) {
  const t = useText();
  const language = useLanguage();
  const found = usePathways(referral.direction, content.pathwayId);
  const pathways = found.data?.pathways ?? [];
  const ticked = content.criteria ?? [];
  const way =
    pathways.find((one) => one.id === content.pathwayId) ??
    pathways.find((one) =>
      one.criteria.some((each) => ticked.some((tick) => tick.code === each.code)),
    ) ??
    // Without a sign of another the general way is at hand.
    pathways.find((one) => one.specialtyCodes.length === 0) ??
    pathways[0];
  const met = way ? metBy(way, content.vitals ?? {}) : [];
  if (found.isPending) return <Skeleton lines={3} />;
  if (!way) return null;
  const toggle = (code: string, on: boolean) =>
    set({
      pathwayId: way.id,
      criteria: on
        ? [
            ...ticked.filter((one) => one.code !== code),
            { code, evidence: met.find((one) => one.code === code)?.evidence ?? null },
          ]
        : ticked.filter((one) => one.code !== code),
    });
  const choose = (id: string) => {
    const next = pathways.find((one) => one.id === id);
    if (!next) return;
    const codes = new Set(next.criteria.map((one) => one.code));
    const kept = ticked.filter((one) => codes.has(one.code));
    const added = metBy(next, content.vitals ?? {}).filter(
      (one) => !kept.some((each) => each.code === one.code),
    );
    set({
      pathwayId: id,
      criteria: [...kept, ...added],
      ...(next.reviewDays !== null && !content.reviewOn
        ? { reviewOn: reviewDay(next.reviewDays) }
        : {}),
      ...(next.returnTriggers.length > 0 && (content.returnTriggers ?? []).length === 0
        ? { returnTriggers: triggersOf(next, language) }
        : {}),
    });
  };
  const error = errorOf("criteria");
  return (
    <div
      className="field"
      id="referral-criteria"
      tabIndex={-1}
      data-invalid={error ? "" : undefined}
    >
      <SelectField
        label={t("referral.field.pathwayId")}
        hint={t(way.recalled ? "referral.pathway.recalled" : "referral.pathway.source", {
          source: way.source,
        })}
        value={way.id}
        onChange={(event) => choose(event.target.value)}
      >
        {pathways.map((one) => (
          <option key={one.id} value={one.id}>
            {inWords(one.names, language)}
            {one.alliance ? ` · ${inWords(one.alliance, language)}` : ""}
          </option>
        ))}
      </SelectField>
      <fieldset className="criteria-list">
        <legend className="field-label">{t("referral.field.criteria")}</legend>
        {error ? <p className="field-error">{error}</p> : null}
        {way.criteria.map((one) => {
          const tick = ticked.find((each) => each.code === one.code);
          const evidence = met.find((each) => each.code === one.code)?.evidence;
          return (
            <CheckField
              key={one.code}
              label={inWords(one.names, language)}
              hint={
                evidence
                  ? t("referral.criteria.evidence", { evidence: measured(evidence, t) })
                  : undefined
              }
              checked={tick !== undefined}
              onChange={(event) => toggle(one.code, event.target.checked)}
            />
          );
        })}
      </fieldset>
    </div>
  );
}

/** What newly measured values tick: a criterion that somebody unticked stays so until a value changes it. */
export function tickedBy(
  pathways: readonly Pathway[],
  content: ReferralContentBody,
  vitals: Readonly<Record<string, unknown>>,
): Pick<ReferralContentBody, "criteria" | "pathwayId"> {
  const ticked = content.criteria ?? [];
  const ways = pathways.filter((one) => !content.pathwayId || one.id === content.pathwayId);
  for (const way of ways) {
    const before = metBy(way, content.vitals ?? {});
    const fresh = metBy(way, vitals).filter(
      (one) => ![...before, ...ticked].some((each) => each.code === one.code),
    );
    if (fresh.length > 0) return { pathwayId: way.id, criteria: [...ticked, ...fresh] };
  }
  return {};
}

const metBy = (way: Pathway, values: Readonly<Record<string, unknown>>) =>
  criteriaMet(
    way.criteria.map((one) => ({ code: one.code, evidence: one.evidence as Limits | null })),
    values,
  );

/** `systolicMmHg 186` in words. */
export function measured(evidence: string, t: ReturnType<typeof useText>): string {
  const [name = "", value = ""] = evidence.split(" ");
  const known = triggerMeasures.find((one) => one === name);
  return known ? `${t(`consult.vitals.${known}`)} ${value}` : evidence;
}

const reviewDay = (days: number) =>
  new Date(Date.now() + days * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
