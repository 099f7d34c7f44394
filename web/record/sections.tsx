import { useState } from "react";
import type { RecordItem, RecordSection } from "../../server/records/record-contract.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { isoDate } from "../i18n/time.ts";
import { Results } from "./results.tsx";
import { type RecordState, sectionOf } from "./state.ts";

/** The one order of a record, everywhere. */
const order = [
  "warnings",
  "problems",
  "medicines",
  "results",
  "visits",
  "documents",
] as const satisfies readonly RecordSection[];
/** So many lines at first: what holds is on top. */
const shownFirst = 6;

export function Sections({ state, isReading }: { state: RecordState; isReading: boolean }) {
  return order.map((section) =>
    section === "results" ? (
      <Results key={section} state={state} isReading={isReading} />
    ) : (
      <Section key={section} section={section} state={state} isReading={isReading} />
    ),
  );
}

function Section({
  section,
  state,
  isReading,
}: {
  section: RecordSection;
  state: RecordState;
  isReading: boolean;
}) {
  const t = useText();
  const [isAll, setAll] = useState(false);
  const items = sectionOf(state, section);
  // A warning is never behind a button.
  const shown = isAll || section === "warnings" ? items : items.slice(0, shownFirst);
  return (
    <section className="side-section record-section">
      <h3>{t(`record.section.${section}`)}</h3>
      {items.length === 0 ? (
        <Nothing section={section} state={state} isReading={isReading} />
      ) : (
        <ul className="record-items">
          {shown.map((item) => (
            <Item key={item.key} item={item} state={state} />
          ))}
        </ul>
      )}
      {shown.length < items.length ? (
        <Button look="quiet" size="small" onClick={() => setAll(true)}>
          {t("record.more", { count: items.length - shown.length })}
        </Button>
      ) : null}
    </section>
  );
}

/** "None" is only said when everybody answered: silence of a house is no proof. */
export function Nothing({
  section,
  state,
  isReading,
}: {
  section: RecordSection;
  state: RecordState;
  isReading: boolean;
}) {
  const t = useText();
  if (isReading) return <p className="muted small">{t("record.reading")}</p>;
  const isPartial = state.sources.some(
    (one) =>
      one.outcome?.state !== "answered" ||
      // Allergies are never hidden from who is shown anything.
      (one.outcome.withholds && section !== "warnings"),
  );
  return (
    <p className="muted small">
      {t(
        (isPartial
          ? "record.noneYet"
          : `record.none.${section === "warnings" ? "warnings" : "other"}`) as MessageId,
      )}
    </p>
  );
}

/** A vaccine was given and a medicine fetched: neither has ended. */
const pastOfKind: Readonly<Record<string, MessageId>> = {
  Immunization: "record.past.vaccine",
  MedicationDispense: "record.past.dispensed",
};

function Item({ item, state }: { item: RecordItem; state: RecordState }) {
  const t = useText();
  return (
    <li data-past={item.isPast || undefined}>
      {item.section === "warnings" && !item.isPast ? (
        <Status tone={item.isHigh ? "bad" : "warn"}>
          {item.detail ? `${item.title} · ${item.detail}` : item.title}
        </Status>
      ) : (
        <span className="record-title">
          {item.title}
          {item.certainty ? (
            <>
              {" "}
              <Status tone="info">{t(`record.certainty.${item.certainty}`)}</Status>
            </>
          ) : null}
          {item.detail ? <span className="muted record-detail"> {item.detail}</span> : null}
        </span>
      )}
      {item.file ? (
        <a
          className={buttonClass("quiet", { size: "small" })}
          href={item.file.path}
          download={item.file.name}
        >
          {t("record.openFile")}
          <span className="visually-hidden"> {item.file.name}</span>
        </a>
      ) : null}
      {item.isPast && item.section !== "visits" && item.section !== "documents" ? (
        <span className="muted small">
          {" "}
          {t((pastOfKind[item.kind] ?? `record.past.${item.section}`) as MessageId)}
        </span>
      ) : null}
      <Provenance item={item} state={state} />
    </li>
  );
}

/** Source and date of an item, every one of them. */
export function Provenance({ item, state }: { item: RecordItem; state: RecordState }) {
  const t = useText();
  const nameOf = useNameOf();
  const words = [...new Map(item.sources.map((one) => [one.code, one])).values()].map((one) => {
    const known = state.sources.find((source) => source.code === one.code);
    return `${known ? nameOf(known) : one.code}${one.date ? ` ${dayOf(one.date)}` : ""}`;
  });
  return <span className="muted small record-from">{words.join(t("common.listSeparator"))}</span>;
}

/** A date that says only a year or a month stays what it is. */
export function dayOf(date: string): string {
  return date.length > 10 ? isoDate(date) : date;
}
