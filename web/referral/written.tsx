import type { ReferralDetail } from "../../server/referral/contract.ts";
import { Diagnoses, Fact, Vitals } from "../consult/facts.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayWords, shortTime } from "../i18n/time.ts";
import { measured } from "./criteria.tsx";
import { usePathways } from "./queries.ts";
import { criterionWords, inWords, noonOf, triggerWords } from "./words.ts";
import "../consult/consult.css";

/** The referral as the other side reads it: why first, then what was found, then how it goes on. */
export function Written({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const language = useLanguage();
  const named = useNameOf();
  const pathways = usePathways(referral.direction, referral.content.pathwayId).data?.pathways ?? [];
  const { content } = referral;
  const way = pathways.find((one) => one.id === content.pathwayId);
  const { vitals = {}, impression = [], criteria = [], medicines = [] } = content;
  const { returnTriggers = [], pendingResults = [] } = content;
  if (Object.keys(content).length === 0)
    return <p className="muted">{t("referral.written.gone")}</p>;
  return (
    <dl className="facts">
      <Fact label={t("referral.field.reason")}>
        {content.reason ? <strong>{content.reason}</strong> : null}
      </Fact>
      <Fact label={t("referral.field.criteria")}>
        {criteria.length > 0 ? (
          <ul>
            {criteria.map((one) => (
              <li key={one.code}>
                {criterionWords(pathways, content.pathwayId, one.code, language)}
                {one.evidence ? (
                  <span className="muted small"> {measured(one.evidence, t)}</span>
                ) : null}
              </li>
            ))}
          </ul>
        ) : null}
      </Fact>
      <Fact label={t("referral.field.pathwayId")}>{way ? inWords(way.names, language) : null}</Fact>
      <Fact
        label={t(
          referral.direction === "down" ? "referral.field.diagnosis" : "referral.field.impression",
        )}
      >
        {impression.length > 0 ? <Diagnoses list={impression} /> : null}
      </Fact>
      <Fact label={t("referral.field.vitals")}>
        {Object.values(vitals).some((value) => value != null) ? (
          <Vitals values={vitals} usual={null} />
        ) : null}
      </Fact>
      <Fact label={t("referral.field.presentHistory")}>{content.presentHistory}</Fact>
      <Fact label={t("referral.field.pastHistory")}>{content.pastHistory}</Fact>
      <Fact label={t("referral.field.allergies")}>{content.allergies}</Fact>
      <Fact label={t("referral.field.examination")}>{content.examination}</Fact>
      <Fact label={t("referral.field.admissionNumber")}>{content.admissionNumber}</Fact>
      <Fact label={t("referral.field.results")}>{content.results}</Fact>
      <Fact label={t("referral.field.treatmentSoFar")}>{content.treatmentSoFar}</Fact>
      <Fact label={t("referral.field.medicines")}>
        {medicines.length > 0 ? (
          <ul>
            {medicines.map((one) => (
              <li key={one.text + one.dose}>
                <span className="strong">{one.text}</span> {one.dose}
                {one.until
                  ? ` · ${t("referral.medicine.untilDay", { day: dayWords(noonOf(one.until)) })}`
                  : ""}{" "}
                {one.available === true ? (
                  <Status tone="good">{t("referral.medicine.here")}</Status>
                ) : one.available === false ? (
                  <Status tone="warn">
                    {one.substitute
                      ? t("referral.medicine.instead", { name: one.substitute })
                      : t("referral.medicine.notHere")}
                  </Status>
                ) : null}
              </li>
            ))}
          </ul>
        ) : null}
      </Fact>
      <Fact label={t("referral.field.plan")}>{content.plan}</Fact>
      <Fact label={t("referral.field.rehabilitationAdvice")}>{content.rehabilitationAdvice}</Fact>
      <Fact label={t("referral.field.reviewOn")}>
        {content.reviewOn ? dayWords(noonOf(content.reviewOn)) : null}
      </Fact>
      <Fact label={t("referral.field.returnTriggers")}>
        {returnTriggers.length > 0 ? (
          <ul>
            {returnTriggers.map((one) => (
              <li key={one.code}>{triggerWords(one, t)}</li>
            ))}
          </ul>
        ) : null}
      </Fact>
      <Fact label={t("referral.field.pendingResults")}>
        {pendingResults.length > 0 ? (
          <ul>
            {pendingResults.map((one) => (
              <li key={one.what}>
                <span className="strong">{one.what}</span> · {one.ownerName}{" "}
                {one.ownerPhone ? <a href={`tel:${one.ownerPhone}`}>{one.ownerPhone}</a> : null}
                {one.expectedOn ? ` · ${dayWords(noonOf(one.expectedOn))}` : ""}
              </li>
            ))}
          </ul>
        ) : null}
      </Fact>
      <Fact label={t("referral.written.callback")}>
        {content.requesterPhone ? (
          <a href={`tel:${content.requesterPhone}`}>
            {referral.requester.name} {content.requesterPhone}
          </a>
        ) : null}
      </Fact>
      <Fact label={t("referral.field.consent")}>
        {referral.consents.length > 0 ? (
          <ul>
            {referral.consents.map((one) => (
              <li key={one.id}>
                <Status tone={one.withdrawnAt || !one.given ? "bad" : "good"}>
                  {t(
                    one.withdrawnAt
                      ? "referral.consent.withdrawn"
                      : one.given
                        ? "referral.consent.given"
                        : "referral.consent.refused",
                  )}
                </Status>{" "}
                {t("referral.consent.line", {
                  to: one.recipient ? named(one.recipient) : "",
                  signer: one.signerName,
                  relation: one.signerRelation,
                  how: one.method
                    ? t(`consult.consent.how.${one.method}`)
                    : t("referral.consent.onPhone"),
                  time: shortTime(one.recordedAt),
                })}
              </li>
            ))}
          </ul>
        ) : referral.urgency === "emergency" && referral.submittedAt ? (
          t("referral.consent.emergency")
        ) : null}
      </Fact>
    </dl>
  );
}
