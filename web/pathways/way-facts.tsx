import { Fact } from "../consult/facts.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { inWords, triggerWords } from "../referral/words.ts";
import type { Alliance, Way } from "./queries.ts";
import "../consult/consult.css";

type Trigger = Way["returnTriggers"][number];
type Evidence = Way["criteria"][number]["evidence"];

/** A house and its department in the reader's language. */
export function useReceiverName(of: Alliance) {
  const named = useNameOf();
  const t = useText();
  return (one: { institutionId: string | null; departmentId: string | null }): string => {
    const house = of.houses.find((each) => each.institution.id === one.institutionId);
    if (!house) return t("pathways.otherHouse");
    const unit = house.departments.find((each) => each.id === one.departmentId);
    return unit ? `${named(house.institution)} · ${named(unit)}` : named(house.institution);
  };
}

/** `收缩压 ≥ 180 mmHg`. */
export function useLimitWords() {
  const t = useText();
  const language = useLanguage();
  const one = (trigger: Trigger): string =>
    trigger.kind === "words"
      ? inWords(trigger.names, language)
      : triggerWords(trigger as Parameters<typeof triggerWords>[0], t);
  return {
    trigger: one,
    evidence: (evidence: Evidence): string =>
      Object.entries(evidence ?? {})
        .map(([measure, limit]) =>
          one({ code: measure, kind: "value", measure, ...limit } as Trigger),
        )
        .join(t("common.listSeparator")),
  };
}

/** One way as it is read: whom it takes, where to, what is wanted, how it goes on at home. */
export function WayFacts({ way, of }: { way: Way; of: Alliance }) {
  const t = useText();
  const language = useLanguage();
  const receiver = useReceiverName(of);
  const words = useLimitWords();
  const list = (items: string[]) =>
    items.length === 0 ? null : (
      <ul>
        {items.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    );
  return (
    <article className="pathways-way">
      <h3>
        {inWords(way.names, language)}{" "}
        <span className="muted small">{t(`pathways.direction.${way.direction}`)}</span>
      </h3>
      <dl className="facts">
        <Fact label={t("pathways.criteria")}>
          {list(
            way.criteria.map((one) => {
              const limits = words.evidence(one.evidence);
              const looked = one.wardFact ? t(`pathways.wardFact.${one.wardFact.fact}`) : "";
              const hours = one.wardFact?.hours
                ? t("pathways.wardFactWithin", { hours: one.wardFact.hours })
                : "";
              const rests = [limits, looked, hours].filter(Boolean).join(t("common.listSeparator"));
              return `${inWords(one.names, language)}${rests ? ` (${rests})` : ""}`;
            }),
          )}
        </Fact>
        {way.diagnosisPrefixes.length > 0 ? (
          <Fact label={t("pathways.diagnoses")}>
            {way.diagnosisPrefixes.join(t("common.listSeparator"))}
          </Fact>
        ) : null}
        <Fact label={t("pathways.receivers")}>
          {way.receivers.length === 0 ? (
            t("pathways.anyMember")
          ) : (
            <ol>
              {way.receivers.map((one) => (
                <li key={one.institutionId + one.departmentId}>{receiver(one)}</li>
              ))}
            </ol>
          )}
        </Fact>
        <Fact label={t("pathways.wanted")}>
          {list(way.wantedResults.map((one) => inWords(one, language)))}
        </Fact>
        <Fact label={t("pathways.followUps")}>
          {way.followUpDays.length > 0
            ? t("pathways.followUpsOn", { days: way.followUpDays.join(t("common.listSeparator")) })
            : null}
        </Fact>
        <Fact label={t("pathways.triggers")}>{list(way.returnTriggers.map(words.trigger))}</Fact>
        <Fact label={t("pathways.source")}>
          {way.recalled ? t("pathways.sourceRecalled", { source: way.source }) : way.source}
        </Fact>
      </dl>
    </article>
  );
}
