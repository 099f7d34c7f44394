import { useState } from "react";
import type { OwnRecord } from "../../../server/records/own-contract.ts";
import { Button } from "../../design/components/button.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { isoDate } from "../../i18n/time.ts";

type Item = OwnRecord["items"][number];
/** What was told so far, and by whom. */
export type Told = {
  readonly items: readonly Item[];
  readonly sources: readonly Omit<OwnRecord["sources"][number], "state">[];
};
/** The same order as the doctor's. */
export const sections = [
  "warnings",
  "problems",
  "medicines",
  "results",
  "visits",
  "documents",
] as const satisfies readonly Item["section"][];
/** Vital signs alone are six or seven values: a laboratory's are seen beside them. */
const shownFirst = { results: 8, other: 5 } as const;

/** What is known of one kind; what holds first, the newest on top. Warnings are never behind a button. */
export function Section({
  section,
  record,
  isWhole,
}: {
  section: Item["section"];
  record: Told;
  /** Nobody is being asked any more: only then is a section empty. */
  isWhole: boolean;
}) {
  const t = useText();
  const [isAll, setAll] = useState(false);
  const items = newestOfEach(record.items.filter((one) => one.section === section));
  if (items.length === 0 && !isWhole) return null;
  const shown =
    isAll || section === "warnings"
      ? items
      : items.slice(0, shownFirst[section === "results" ? "results" : "other"]);
  return (
    <section className="own-section">
      <h2 className="section-title">{t(`own.section.${section}`)}</h2>
      {items.length === 0 ? (
        <p className="muted">{section === "warnings" ? t("own.noneWarnings") : t("own.none")}</p>
      ) : (
        <ul className="list">
          {shown.map((item) => (
            <li key={item.key}>
              <Line item={item} record={record} />
            </li>
          ))}
        </ul>
      )}
      {shown.length < items.length ? (
        <Button look="quiet" onClick={() => setAll(true)}>
          {t("own.more", { count: items.length - shown.length })}
        </Button>
      ) : null}
    </section>
  );
}

/** What holds before what is past; of results the newest of each kind before the earlier ones. */
function newestOfEach(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  const ranked = items.map((item) => {
    const isRepeat = item.result !== null && seen.has(item.title);
    seen.add(item.title);
    return { item, rank: Number(item.isPast) * 2 + Number(isRepeat) };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function Line({ item, record }: { item: Item; record: Told }) {
  const t = useText();
  const nameOf = useNameOf();
  const names = item.sources
    .map((code) => record.sources.find((one) => one.code === code))
    .map((one) => (one ? nameOf(one) : null))
    .filter((name) => name !== null)
    .join(t("common.listSeparator"));
  return (
    <div className="list-words">
      <span className="own-head">
        <span className="strong">{item.title}</span>
        {item.result ? <Value result={item.result} /> : null}
      </span>
      {item.certainty ? (
        <span className="own-says">
          <Status tone="info">{t("own.uncertain")}</Status>
        </span>
      ) : null}
      {item.detail ? <span className="own-detail">{item.detail}</span> : null}
      {item.result ? <Says result={item.result} /> : null}
      <span className="muted small">
        {[
          item.date ? isoDate(item.date) : null,
          item.isPast && item.section !== "visits" ? t("own.past") : null,
          names ? t("own.from", { names }) : null,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </div>
  );
}

type Result = NonNullable<Item["result"]>;
function Value({ result }: { result: Result }) {
  const words = result.value === null ? result.text : String(result.value);
  if (words === null) return null;
  return (
    <span className="own-value figure">
      <strong>{words}</strong>
      {result.unit ? <span className="muted"> {result.unit}</span> : null}
    </span>
  );
}

const tones: Record<NonNullable<Result["says"]>, Tone> = {
  usual: "good",
  low: "info",
  high: "info",
  ask: "info",
  now: "warn",
};

/** How it stands, and what is usual; what needs a doctor today says what to do. */
function Says({ result }: { result: Result }) {
  const t = useText();
  const { low, high, says, rangeFrom } = result;
  const range =
    low !== null && high !== null
      ? t(rangeFrom === "place" ? "own.range.place" : "own.range.between", { low, high })
      : high !== null
        ? t("own.range.below", { high })
        : low !== null
          ? t("own.range.above", { low })
          : null;
  if (!says && !range) return null;
  return (
    <>
      <span className="own-says">
        {says ? <Status tone={tones[says]}>{t(`own.says.${says}`)}</Status> : null}
        {range ? <span className="muted small">{range}</span> : null}
      </span>
      {says === "now" ? <span>{t("own.nowHow")}</span> : null}
    </>
  );
}
