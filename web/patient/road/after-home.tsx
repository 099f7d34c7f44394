import { buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { phone, warning } from "../../design/icons.ts";
import { type Translate, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { dayWords } from "../../i18n/time.ts";
import type { RoadEpisode, RoadReferral } from "../my-road.ts";
import { nextFollowUp, noon } from "./words.ts";

/** The plan with which somebody came home counts from the day of leaving. */
const atHome = new Set<RoadReferral["state"]>(["sent-down", "continued-in-community", "no-show"]);

function planOf(episode: RoadEpisode): RoadReferral | undefined {
  return episode.referrals.findLast((one) => one.direction === "down" && atHome.has(one.state));
}

/** The signs with which to come back, each as one line. */
export function comeBackWords(episode: RoadEpisode, t: Translate): string[] {
  const triggers = planOf(episode)?.returnTriggers ?? [];
  return triggers.flatMap((one) => {
    if (one.kind === "words") return [one.text];
    const measure = t(`patient.road.measure.${one.measure}`);
    return [
      ...(one.atLeast === undefined
        ? []
        : [t("patient.road.atLeast", { measure, value: one.atLeast })]),
      ...(one.atMost === undefined
        ? []
        : [t("patient.road.atMost", { measure, value: one.atMost })]),
    ];
  });
}

/** Home again: when to come back at once, the next follow-up, the medicines. */
export function AfterHome({ episode }: { episode: RoadEpisode }) {
  const t = useText();
  const nameOf = useNameOf();
  const plan = planOf(episode);
  const due = nextFollowUp(episode);
  const missed = episode.followUps.filter((one) => one.state === "missed");
  const signs = comeBackWords(episode, t);
  const care = nameOf(episode.care);
  return (
    <>
      {signs.length > 0 ? (
        <section className="road-back">
          <h2>
            <Icon path={warning} />
            <span>{t("patient.road.comeBack")}</span>
          </h2>
          <ul>
            {signs.map((sign) => (
              <li key={sign}>{sign}</li>
            ))}
          </ul>
          <p>{t("patient.road.comeBackHow", { name: care })}</p>
          <a className={buttonClass("danger", { wide: true, size: "large" })} href="tel:120">
            <Icon path={phone} />
            <span>{t("patient.road.call120")}</span>
          </a>
        </section>
      ) : null}
      {missed.map((one) => (
        <Notice key={one.id} tone="warn" live={false}>
          {t("patient.road.followMissed", {
            day: dayWords(noon(one.dueOn)),
            name: nameOf(one.institution),
          })}
        </Notice>
      ))}
      {due ? (
        <section>
          <h2 className="section-title">{t("patient.road.followTitle")}</h2>
          <div className="road-due">
            <strong>{dayWords(noon(due.dueOn))}</strong>
            <p>{t(`patient.road.follow.${due.kind}`, { name: nameOf(due.institution) })}</p>
            {due.purpose ? (
              <p className="muted" lang="zh-CN">
                {due.purpose}
              </p>
            ) : null}
          </div>
        </section>
      ) : plan?.reviewOn && missed.length === 0 && plan.state === "sent-down" ? (
        <p>{t("patient.road.reviewOn", { day: dayWords(noon(plan.reviewOn)) })}</p>
      ) : null}
      {plan && plan.medicines.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.road.medicinesTitle")}</h2>
          <ul className="list">
            {plan.medicines.map((one) => (
              <li key={one.text} className="list-words">
                <span className="strong" lang="zh-CN">
                  {one.text}
                </span>
                {one.dose || one.until ? (
                  <span>
                    {[
                      one.dose,
                      one.until
                        ? t("patient.road.medicineUntil", { day: dayWords(noon(one.until)) })
                        : null,
                    ]
                      .filter(Boolean)
                      .join(t("common.listSeparator"))}
                  </span>
                ) : null}
                {one.available === false ? (
                  <span className="road-other">
                    {one.substitute
                      ? t("patient.road.medicineSubstitute", { name: one.substitute })
                      : t("patient.road.medicineNone", { name: care })}
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
