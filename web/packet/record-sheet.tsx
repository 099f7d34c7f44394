import type { PacketRecord } from "../../server/transfer/packet.ts";
import { Notice } from "../design/components/notice.tsx";
import { warning } from "../design/icons.ts";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { ageYears, dateTime } from "../i18n/time.ts";
import { NotInIt } from "./not-in-it.tsx";

const vitalNames = [
  "temperatureCelsius",
  "systolicMmHg",
  "diastolicMmHg",
  "pulsePerMinute",
  "breathsPerMinute",
  "spo2Percent",
  "consciousness",
  "weightKg",
] as const;
const units: Record<(typeof vitalNames)[number], string> = {
  temperatureCelsius: "℃",
  systolicMmHg: "mmHg",
  diastolicMmHg: "mmHg",
  pulsePerMinute: "/min",
  breathsPerMinute: "/min",
  spo2Percent: "%",
  consciousness: "",
  weightKg: "kg",
};

const sections = ["warnings", "problems", "medicines", "results"] as const;

/** In the order in which somebody at the door needs it: allergies first, then what happened and what was done. */
export function RecordSheet({ record }: { record: PacketRecord }) {
  const t = useText();
  const { patient } = record;
  const parts: [MessageId, string | null][] = [
    ["packet.part.reason", record.reason],
    ["packet.part.impression", record.impression.join("\n") || null],
    ["packet.part.treatment", record.treatment],
    ["packet.part.medicines", record.medicines.join("\n") || null],
    ["packet.part.presentHistory", record.presentHistory],
    ["packet.part.pastHistory", record.pastHistory],
    ["packet.part.examination", record.examination],
    ["packet.part.results", record.results],
  ];
  const measured = vitalNames.filter((name) => record.vitals[name] !== undefined);
  return (
    <article className="record-sheet">
      <header>
        <h1>
          {patient.name ?? t("packet.noName")}
          {patient.nameBo ? <span lang="bo"> {patient.nameBo}</span> : null}
        </h1>
        <p>
          {t(`common.sex.${patient.sex as "female" | "male" | "other" | "unknown"}`)}
          {patient.born
            ? ` · ${t("packet.age", { years: ageYears(patient.born) })} · ${patient.born}`
            : ""}
          {patient.idMasked ? ` · ${patient.idMasked}` : ""}
        </p>
        <p className="muted small">
          {record.from} → {record.to} · {record.number} ·{" "}
          {t("packet.madeAt", { time: dateTime(record.madeAt) })}
        </p>
      </header>
      <Notice
        tone={record.allergies ? "bad" : "quiet"}
        icon={warning}
        live={false}
        title={t("packet.part.allergies")}
      >
        {record.allergies ?? t("packet.noAllergies")}
      </Notice>
      {measured.length > 0 ? (
        <dl className="record-vitals">
          {measured.map((name) => (
            <div key={name}>
              <dt>{t(`packet.vitals.${name}`)}</dt>
              <dd>
                <span className="figure strong">{String(record.vitals[name])}</span>{" "}
                <span className="small">{units[name]}</span>
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {parts.map(([label, words]) =>
        words ? (
          <section key={label}>
            <h2>{t(label)}</h2>
            <p className="pre-line">{words}</p>
          </section>
        ) : null,
      )}
      {record.summary ? <HeldElsewhere summary={record.summary} /> : null}
      <section>
        <h2>{t("packet.part.phones")}</h2>
        <ul className="record-phones">
          {record.phones.map(({ who, phone }) => (
            <li key={who}>
              <a href={`tel:${phone.replaceAll(/[^\d+]/g, "")}`}>
                {t(`packet.who.${who}`)}
                {who === "doctor" ? ` ${record.doctor}` : ""}{" "}
                <span className="figure strong">{phone}</span>
              </a>
            </li>
          ))}
        </ul>
      </section>
    </article>
  );
}

/** What the institutions hold, and in words what of it is not here and why. */
function HeldElsewhere({ summary }: { summary: NonNullable<PacketRecord["summary"]> }) {
  const t = useText();
  return (
    <section className="record-held" aria-labelledby="held-title">
      <h2 id="held-title">{t("packet.summary.title")}</h2>
      {summary.emergency ? <p className="small">{t("packet.summary.emergency")}</p> : null}
      <NotInIt lacking={summary} />
      {sections.map((section) => {
        const items = summary.items.filter((one) => one.section === section);
        return items.length > 0 ? (
          <div key={section}>
            <h3>{t(`packet.summary.section.${section}`)}</h3>
            <ul className="record-items">
              {items.map((one) => (
                <li key={[one.text, one.day, ...one.from].join("|")}>
                  {one.text}{" "}
                  <span className="muted small">
                    {[one.day, ...one.from].filter(Boolean).join(" · ")}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        ) : null;
      })}
      {summary.items.length === 0 && summary.missing === null ? (
        <p className="muted">{t("packet.summary.nothing")}</p>
      ) : null}
    </section>
  );
}
