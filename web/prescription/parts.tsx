import type { PrescriptionView } from "../../server/prescription/contract.ts";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { unitOf } from "./units.ts";
import { gradeTone, mayBePregnant, medicineName, sentenceOf } from "./words.ts";

type Warnings = PrescriptionView["warnings"];

/** Where a rule comes from: a page that was read, or that it is from memory. */
export function SourceOf({ source }: { source: Warnings[number]["source"] }) {
  const t = useText();
  return source.address ? (
    <a className="link small" href={source.address} target="_blank" rel="noreferrer">
      {t("prescription.source", { title: source.title, day: source.readOn ?? "" })}
    </a>
  ) : (
    <span className="muted small">{t("prescription.recalled")}</span>
  );
}

export function WarningItem({ warning }: { warning: Warnings[number] }) {
  const t = useText();
  const language = useLanguage();
  return (
    <>
      <Status tone={gradeTone[warning.grade]}>{t(`prescription.grade.${warning.grade}`)}</Status>{" "}
      {warning.isNew ? <strong>{t("prescription.isNew")}</strong> : null}{" "}
      <span>{sentenceOf(warning.words, language)}</span> <SourceOf source={warning.source} />
      {warning.reason ? (
        <p className="small">{t("prescription.reasonGiven", { reason: warning.reason })}</p>
      ) : null}
    </>
  );
}

/** What is known of the patient; what could not be read is said. */
export function Facts({ facts }: { facts: PrescriptionView["facts"] }) {
  const t = useText();
  const yes = (value: boolean | null) =>
    value === null ? "—" : t(value ? "prescription.yes" : "prescription.no");
  return (
    <>
      <dl className="rx-facts">
        <div>
          <dt>{t("prescription.allergies")}</dt>
          <dd className={facts.allergies?.some((one) => !one.past) ? "strong" : undefined}>
            {facts.allergies === null
              ? t("prescription.notAsked")
              : facts.allergies.length === 0
                ? t("prescription.none")
                : facts.allergies.map((one) => one.text).join(t("common.listSeparator"))}
          </dd>
        </div>
        <div>
          <dt>{t("prescription.takes")}</dt>
          <dd>
            {facts.takes === null
              ? t("prescription.notAsked")
              : facts.takes.map((one) => one.text).join(t("common.listSeparator")) ||
                t("prescription.none")}
          </dd>
        </div>
        <div>
          <dt>{t("prescription.weight")}</dt>
          <dd className="figure">{facts.weightKg ?? "—"}</dd>
        </div>
        <div>
          <dt>eGFR</dt>
          <dd className="figure">{facts.egfr ?? "—"}</dd>
        </div>
        {!mayBePregnant(facts) ? null : (
          <div>
            <dt>{t("prescription.pregnant")}</dt>
            <dd>{yes(facts.pregnant)}</dd>
          </div>
        )}
      </dl>
      {facts.recordRead ? null : <p className="muted small">{t("prescription.recordUnread")}</p>}
    </>
  );
}

/** The lines as they will be read aloud to the patient, each with what speaks against it. */
export function Lines({ row }: { row: PrescriptionView }) {
  const t = useText();
  const language = useLanguage();
  const general = row.warnings.filter((one) => one.lines.length === 0);
  return (
    <>
      <ol className="rx-lines">
        {row.lines.map((line) => (
          <li key={line.position}>
            <p>
              <strong>{medicineName(line, language)}</strong> {line.strength}
            </p>
            <p>
              {t("prescription.line", {
                dose: line.dose,
                unit: unitOf(line.unit, t),
                frequency: t(`prescription.frequency.${line.frequency}`),
                days: line.days,
                quantity: line.quantity,
              })}
              {line.instructions ? ` · ${line.instructions}` : ""}
            </p>
            <ul className="rx-warnings">
              {row.warnings
                .filter((one) => one.lines.includes(line.position))
                .map((one) => (
                  <li key={one.key}>
                    <WarningItem warning={one} />
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ol>
      {general.length > 0 ? (
        <ul className="rx-warnings">
          {general.map((one) => (
            <li key={one.key}>
              <WarningItem warning={one} />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

export function Talk({ row }: { row: PrescriptionView }) {
  return row.talk.length === 0 ? null : (
    <ul className="rx-talk">
      {row.talk.map((one) => (
        <li key={one.at + one.by}>
          <strong>{one.by}</strong> <span className="muted small">{dayTime(one.at)}</span>
          <p>{one.text}</p>
        </li>
      ))}
    </ul>
  );
}
