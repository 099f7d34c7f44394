import type { ConsultDetail } from "../../server/consult/contract.ts";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dateTime, shortTime } from "../i18n/time.ts";
import { RecordPanel } from "../record/record-panel.tsx";
import { Attachments, Fact } from "./facts.tsx";
import "./consult.css";

/** What is known about the person, always in the same order, each item with its source. */
export function RecordSide({
  consult,
  stills = true,
}: {
  consult: ConsultDetail;
  stills?: boolean;
}) {
  const t = useText();
  const { patient } = consult;
  const papers = consult.attachments.filter((item) => item.purpose !== "still");
  const pictures = consult.attachments.filter((item) => item.purpose === "still");
  return (
    <div className="stack stack-6">
      <section className="side-section">
        <h3>{t("consult.record.person")}</h3>
        <dl className="facts small">
          <Fact label={t("consult.record.residentId")}>
            {patient.residentIdMasked ?? (
              <Status tone="warn">
                {patient.unknownPerson ? t("common.person.unknown") : t("consult.record.noId")}
              </Status>
            )}
          </Fact>
          <Fact label={t("consult.record.birthDate")}>
            {patient.birthDate
              ? `${patient.birthDate}${patient.birthDateEstimated ? t("consult.record.estimated") : ""}`
              : null}
          </Fact>
          <Fact label={t("consult.record.language")}>
            {t(`common.languageName.${patient.language}`)}
          </Fact>
          <Fact label={t("consult.record.address")}>{patient.address}</Fact>
          <Fact label={t("consult.record.contacts")}>
            {patient.contacts.length === 0
              ? t("consult.record.noPhone")
              : patient.contacts.map((contact) => (
                  <span key={contact.relation + contact.phoneMasked}>
                    {t(`common.relation.${contact.relation}`)} {contact.name ?? ""}{" "}
                    {contact.phoneMasked}
                    {"\n"}
                  </span>
                ))}
          </Fact>
          <Fact label={t("consult.record.note")}>{patient.unknownNote}</Fact>
        </dl>
      </section>
      <RecordPanel patientId={patient.id} />
      {consult.content.pastHistory ? (
        <section className="side-section">
          <h3>{t("consult.record.past")}</h3>
          <p>{consult.content.pastHistory}</p>
          <p className="muted small">
            {consult.inviting.name} · {shortTime(consult.submittedAt ?? consult.updatedAt)}
          </p>
        </section>
      ) : null}
      <section className="side-section">
        <h3>{t("consult.record.documents")}</h3>
        {papers.length > 0 ? (
          <Attachments list={papers} />
        ) : (
          <p className="muted small">{t("consult.record.noDocuments")}</p>
        )}
        {papers.length > 0 ? <p className="muted small">{consult.inviting.name}</p> : null}
      </section>
      {stills ? (
        <section className="side-section">
          <h3>{t("consult.record.stills")}</h3>
          {pictures.length > 0 ? (
            <Attachments list={pictures} />
          ) : (
            <p className="muted small">{t("consult.record.noStills")}</p>
          )}
        </section>
      ) : null}
      <section className="side-section">
        <h3>{t("consult.record.steps")}</h3>
        <ol className="steps">
          {consult.steps.toReversed().map((step) => (
            <li key={step.at + step.action}>
              <time className="muted figure" dateTime={step.at} title={dateTime(step.at)}>
                {shortTime(step.at)}
              </time>
              <span>
                {t(`state.${step.to}` as Parameters<typeof t>[0])}
                {step.by ? ` · ${step.by}` : ""}
                {step.institution ? <span className="muted"> {step.institution}</span> : null}
                {step.reason ? <span className="muted"> {step.reason}</span> : null}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
