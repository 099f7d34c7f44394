import type { ConsultDetail } from "../../server/consult/contract.ts";
import { useText } from "../i18n/i18n.ts";
import { consentKinds } from "./consent-kinds.ts";
import { Attachments, Diagnoses, Fact, Vitals } from "./facts.tsx";
import { standingConsent } from "./words.ts";
import "./consult.css";

/** The request as the other side reads it: the question first, consents in it. */
export function RequestView({ consult, narrow }: { consult: ConsultDetail; narrow?: boolean }) {
  const t = useText();
  const { content } = consult;
  return (
    <dl className={`facts${narrow ? " facts-narrow" : ""}`}>
      <Fact label={t("consult.field.question")}>
        {consult.question ? <strong>{consult.question}</strong> : null}
      </Fact>
      <Fact label={t("consult.field.complaint")}>{consult.complaint}</Fact>
      <Fact label={t("consult.field.reason")}>{content.reason}</Fact>
      <Fact label={t("consult.field.purpose")}>{content.purpose}</Fact>
      <Fact label={t("consult.field.presentHistory")}>{content.presentHistory}</Fact>
      <Fact label={t("consult.field.pastHistory")}>{content.pastHistory}</Fact>
      <Fact label={t("consult.field.vitals")}>
        {Object.values(content.vitals).some((value) => value != null) ? (
          <Vitals values={content.vitals} usual={consult.usualOxygen} />
        ) : null}
      </Fact>
      <Fact label={t("consult.field.examination")}>{content.examination}</Fact>
      <Fact label={t("consult.field.investigations")}>{content.investigations}</Fact>
      <Fact label={t("consult.field.provisionalDiagnoses")}>
        {content.provisionalDiagnoses.length > 0 ? (
          <Diagnoses list={content.provisionalDiagnoses} />
        ) : null}
      </Fact>
      <Fact label={t("consult.field.treatmentSoFar")}>{content.treatmentSoFar}</Fact>
      <Fact label={t("consult.field.wanted")}>
        {[consult.wantedSpecialty, content.wantedTitle, content.wantedTime]
          .filter(Boolean)
          .join(" · ")}
      </Fact>
      <Fact label={t("consult.field.callbackPhone")}>
        {content.callbackPhone ? (
          <a href={`tel:${content.callbackPhone}`}>{content.callbackPhone}</a>
        ) : null}
      </Fact>
      <Fact label={t("consult.field.attachments")}>
        {consult.attachments.some((item) => item.purpose !== "still") ? (
          <Attachments list={consult.attachments.filter((item) => item.purpose !== "still")} />
        ) : null}
      </Fact>
      <Fact label={t("consult.field.consents")}>
        <ConsentWords consult={consult} />
      </Fact>
    </dl>
  );
}

/** Who agreed to what and how, and what was not agreed to, in one breath. */
export function ConsentWords({ consult }: { consult: ConsultDetail }) {
  const t = useText();
  const missing: string[] = [];
  const lines = consentKinds
    .filter((kind) => kind !== "relative")
    .flatMap((kind) => {
      const standing = standingConsent(consult.consents, kind);
      if (!standing?.given) {
        missing.push(t(`consult.consent.kind.${kind}`));
        return [];
      }
      return [
        t("consult.consent.line", {
          kind: t(`consult.consent.kind.${kind}`),
          signer: standing.signerName,
          how: t(`consult.consent.how.${standing.method}`),
        }) +
          (standing.witnessName
            ? t("consult.consent.lineWitness", { witness: standing.witnessName })
            : ""),
      ];
    });
  const relatives = consult.consents.filter(
    (consent) => consent.kind === "relative" && consent.given && !consent.withdrawnAt,
  );
  return (
    <ul>
      {lines.map((words) => (
        <li key={words}>{words}</li>
      ))}
      {relatives.map((consent) => (
        <li key={consent.id}>
          {t("consult.consent.relativeLine", { name: consent.relativeName ?? consent.signerName })}
        </li>
      ))}
      {missing.length > 0 ? (
        <li className="warn-text">
          {t("consult.consent.notGiven", { kinds: missing.join(t("common.listSeparator")) })}
        </li>
      ) : null}
    </ul>
  );
}
