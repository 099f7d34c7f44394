import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, type Translate, useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { decisionWords } from "./decision-select.tsx";
import type { TestAnswer, TriageContent } from "./desk-queries.ts";
import { conditionKeys, medicineKeys } from "./step-view.tsx";

const measures = [
  "temperature",
  "systolic",
  "diastolic",
  "systolicHighest",
  "diastolicHighest",
  "pressureReadings",
  "pulse",
  "breaths",
  "oxygen",
  "oxygenBelowUsual",
  "oxygenFall",
  "glucose",
  "altitude",
] as const;
const readings = ["systolicAgain", "diastolicAgain", "oxygenUsual"] as const;
const isOne = <Key extends string>(keys: readonly Key[], key: string): key is Key =>
  (keys as readonly string[]).includes(key);

type Person = { ageMonths: number | null; sex: "female" | "male" | null };
const personWords = ({ ageMonths, sex }: Person, t: Translate): string =>
  [
    sex ? t(`common.sex.${sex}` as MessageId) : null,
    ageMonths === null
      ? null
      : ageMonths < 24
        ? t("common.person.months", { count: ageMonths })
        : t("common.person.years", { count: Math.floor(ageMonths / 12) }),
  ]
    .filter(Boolean)
    .join(" · ");

/** What a draft would miss, person by person, and which cases it decides otherwise. */
export function Tested({ answer, content }: { answer: TestAnswer; content: TriageContent }) {
  const t = useText();
  const language = useLanguage();
  const nameOf = (key: string) => {
    const found =
      content.redFlags.find((one) => one.key === key) ??
      content.rules.find((one) => one.key === key);
    return found ? `${nameIn(found.because, language)} (${key})` : key;
  };
  const asked = new Map(
    [...content.redFlags, ...content.questions].map((one) => [
      one.key,
      nameIn("because" in one ? one.because : one.ask, language),
    ]),
  );
  const partOf = ([key, value]: [string, string | number]): string => {
    const known = asked.get(key);
    if (known)
      return value === "unknown" ? `${known} (${t("patient.triage.answer.unknown")})` : known;
    if (isOne(conditionKeys, key)) return t(`patient.triage.condition.${key}` as MessageId);
    if (isOne(medicineKeys, key)) return t(`patient.triage.medicine.${key}` as MessageId);
    if (key === "durationHours")
      return t("triage.tested.days", { count: Math.round(Number(value) / 24) });
    if (isOne(measures, key)) return `${t(`triage.value.${key}`)} ${value}`;
    if (isOne(readings, key)) return `${t(`triage.vital.${key}`)} ${value}`;
    return `${key} ${value}`;
  };
  const givenWords = (given: Record<string, string | number>): string =>
    Object.entries(given).map(partOf).join(t("common.listSeparator"));
  const complaintOf = (key: string | null) => {
    const found = content.complaints.find((one) => one.key === key);
    return found ? nameIn(found.name, language) : (key ?? "");
  };
  return (
    <section className="stack" aria-label={t("triage.tested.title")}>
      {answer.unsafe.length > 0 ? (
        <Notice tone="bad" title={t("triage.tested.unsafe", { count: answer.unsafe.length })}>
          <ul className="triage-changes">
            {answer.unsafe.map((one) => (
              <li key={one.rule}>
                <p className="strong">{nameOf(one.rule)}</p>
                <p>
                  {t(`triage.tested.${one.problem}`)}
                  {one.complaint
                    ? ` ${t("triage.tested.example", {
                        person: personWords(one, t),
                        complaint: complaintOf(one.complaint),
                        given: givenWords(one.given),
                      })}`
                    : ""}
                </p>
                {one.was ? (
                  <p className="small">
                    {t("triage.tested.wasNow", {
                      was: decisionWords(one.was, t),
                      now: one.now ? decisionWords(one.now, t) : t("triage.tested.notAsked"),
                    })}
                  </p>
                ) : null}
              </li>
            ))}
          </ul>
        </Notice>
      ) : (
        <Notice tone="good" title={t("triage.tested.safe")} />
      )}
      <h3>{t("triage.tested.changes", { count: answer.changes.length, lower: answer.lower })}</h3>
      <p className="muted small">
        {t("triage.tested.on", { written: answer.written, past: answer.past })}
      </p>
      {answer.changes.length === 0 ? <p className="muted">{t("triage.tested.none")}</p> : null}
      <ul className="triage-changes">
        {answer.changes.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a past case has no name
          <li key={index}>
            <p className="row">
              {one.lower ? <Status tone="bad">{t("triage.tested.isLower")}</Status> : null}
              <span className="strong">
                {[personWords(one, t), complaintOf(one.complaint), givenWords(one.given)]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              {one.title ? (
                <span className="muted small" lang="en">
                  {one.title}
                </span>
              ) : (
                <span className="muted small">{t("triage.tested.past")}</span>
              )}
            </p>
            <p className="small">
              {t("triage.tested.wasNow", {
                was: decisionWords(one.before, t),
                now: one.after ? decisionWords(one.after, t) : t("triage.tested.notAsked"),
              })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
