import type { TriggerMeasure } from "../../server/referral/domain.ts";
import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { triggerMeasures } from "../referral/judge.ts";
import { inWords, unitOf } from "../referral/words.ts";
import type { Alliance, PlanContent, PlanTest } from "./queries.ts";
import { useLimitWords, useReceiverName } from "./way-facts.tsx";

type Judgement = PlanTest["changes"][number]["before"];

/** What a draft lacks, and which past referrals of the alliance it would judge otherwise. */
export function Tried({
  answer,
  content,
  of,
}: {
  answer: PlanTest;
  content: PlanContent;
  of: Alliance;
}) {
  const t = useText();
  const language = useLanguage();
  const receiver = useReceiverName(of);
  const limits = useLimitWords();
  const wayOf = (code: string | null) => content.ways.find((one) => one.code === code);
  const measured = (vitals: Readonly<Record<string, unknown>>): string =>
    triggerMeasures
      .filter((one) => typeof vitals[one] === "number")
      .map((one: TriggerMeasure) => `${t(`consult.vitals.${one}`)} ${vitals[one]} ${unitOf(one)}`)
      .join(t("common.listSeparator"));
  const judged = ({ way, criteria, place, triggers }: Judgement): string => {
    const known = wayOf(way);
    if (way === null) return t("pathways.tried.noWay");
    const names = criteria.map((code) => {
      const found = known?.criteria.find((one) => one.code === code);
      return found ? inWords(found.names, language) : t("pathways.tried.dropped");
    });
    const back = triggers.map((code) => {
      const found = known?.returnTriggers.find((one) => one.code === code);
      return found ? limits.trigger(found) : t("pathways.tried.dropped");
    });
    return [
      names.length > 0
        ? t("pathways.tried.takenBy", { criteria: names.join(t("common.listSeparator")) })
        : t("pathways.tried.notTaken"),
      place === null
        ? t("pathways.tried.notReceiver")
        : place > 0
          ? t("pathways.tried.place", { place })
          : null,
      back.length > 0
        ? t("pathways.tried.back", { triggers: back.join(t("common.listSeparator")) })
        : null,
    ]
      .filter(Boolean)
      .join(" · ");
  };
  return (
    <section className="stack" aria-label={t("pathways.tried.title")}>
      {answer.faults.length > 0 ? (
        <Notice tone="bad" title={t("pathways.tried.faults", { count: answer.faults.length })}>
          <ul>
            {answer.faults.map((one) => (
              <li key={one.way + one.fault}>
                <strong>
                  {inWords(wayOf(one.way)?.names ?? { zh: one.way, en: null, bo: null }, language)}
                </strong>
                {" · "}
                {t(`pathways.fault.${one.fault}`)}
              </li>
            ))}
          </ul>
        </Notice>
      ) : (
        <Notice tone="good" title={t("pathways.tried.sound")} />
      )}
      <h3>
        {t("pathways.tried.changes", {
          changed: answer.changed,
          past: answer.past,
          refused: answer.refused,
        })}
      </h3>
      <p className="muted small">{t("pathways.tried.how")}</p>
      {answer.changed > answer.changes.length ? (
        <p className="muted small">
          {t("pathways.tried.cut", { shown: answer.changes.length, all: answer.changed })}
        </p>
      ) : null}
      <ul className="pathways-changes">
        {answer.changes.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a past referral has no name here
          <li key={index}>
            <p className="row">
              {one.refused ? <Status tone="bad">{t("pathways.tried.refused")}</Status> : null}
              <span className="strong">
                {[
                  t(`pathways.direction.${one.direction}`),
                  t(`common.urgency.${one.urgency}`),
                  receiver({ institutionId: one.toInstitutionId, departmentId: null }),
                  measured(one.vitals),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </p>
            <p className="small">
              {t("pathways.tried.was", { words: judged(one.before) })}
              <br />
              {t("pathways.tried.now", { words: judged(one.after) })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
