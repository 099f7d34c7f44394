import { useState } from "react";
import type { RecordItem, ResultValue } from "../../server/records/record-contract.ts";
import { Button } from "../design/components/button.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { Nothing, Provenance } from "./sections.tsx";
import { type RecordState, type Series, seriesOf } from "./state.ts";

const shownFirst = 8;
const flagTones: Record<string, Tone> = {
  usual: "good",
  low: "warn",
  high: "warn",
  critical: "bad",
};

/** Results as trends: the own usual value first, then the range of the place. */
export function Results({ state, isReading }: { state: RecordState; isReading: boolean }) {
  const t = useText();
  const [isAll, setAll] = useState(false);
  const all = seriesOf(state);
  const shown = isAll ? all : all.slice(0, shownFirst);
  return (
    <section className="side-section record-section">
      <h3>{t("record.section.results")}</h3>
      {all.length === 0 ? <Nothing section="results" state={state} isReading={isReading} /> : null}
      <ul className="record-items record-trends">
        {shown.map((series) => (
          <Trend key={series.key} series={series} state={state} />
        ))}
      </ul>
      {shown.length < all.length ? (
        <Button look="quiet" size="small" onClick={() => setAll(true)}>
          {t("record.more", { count: all.length - shown.length })}
        </Button>
      ) : null}
    </section>
  );
}

function Trend({ series, state }: { series: Series; state: RecordState }) {
  const t = useText();
  const { latest, points, own } = series;
  const result = latest.result!;
  return (
    <li className="record-trend">
      <span className="record-title">{latest.title}</span>
      <span className="record-value figure">
        {result.value ?? result.text ?? "—"} <span className="muted small">{result.unit}</span>
      </span>
      <span className="record-judged">
        {result.flag ? (
          <Status tone={flagTones[result.flag] ?? "quiet"}>
            {t(`record.flag.${result.flag}` as MessageId)}
          </Status>
        ) : null}
        {own !== null ? <span className="small">{t("record.own", { value: own })}</span> : null}
        <Range result={result} />
        {latest.receiver ? (
          <span className="small strong">
            {t(
              `record.receiver.${latest.receiver.state === "open" ? "open" : latest.receiver.state === "acted" ? "acted" : "received"}`,
              {
                name: latest.receiver.name,
              },
            )}
          </span>
        ) : null}
      </span>
      {points.length > 1 ? (
        <Line points={points} result={result} title={latest.title} state={state} />
      ) : null}
      <Provenance item={latest} state={state} />
    </li>
  );
}

function Range({ result }: { result: ResultValue }) {
  const t = useText();
  if (!result.range) return null;
  const words = `${result.range.low ?? ""}–${result.range.high ?? ""}`;
  return (
    <span className="muted small">
      {result.range.from === "place"
        ? t("record.range.place", { range: words, metres: result.altitudeMetres ?? 0 })
        : t("record.range.source", { range: words })}
    </span>
  );
}

const width = 240;
const height = 36;
const pad = 4;

/** The course of a value over the band that is usual there; the numbers follow for who cannot see it. */
function Line({
  points,
  result,
  title,
  state,
}: {
  points: readonly RecordItem[];
  result: ResultValue;
  title: string;
  state: RecordState;
}) {
  const t = useText();
  const values = points.map((one) => one.result?.value ?? 0);
  const { low, high } = result.range ?? { low: null, high: null };
  const least = Math.min(...values, ...(low === null ? [] : [low]));
  const most = Math.max(...values, ...(high === null ? [] : [high]));
  const first = Date.parse(points[0]?.date ?? "");
  const span = Math.max(1, Date.parse(points.at(-1)?.date ?? "") - first);
  const x = (one: RecordItem) =>
    pad + ((Date.parse(one.date ?? "") - first) / span) * (width - 2 * pad);
  const y = (value: number) =>
    height - pad - ((value - least) / Math.max(1e-9, most - least)) * (height - 2 * pad);
  const place = points.map((one) => `${x(one).toFixed(1)},${y(one.result?.value ?? 0).toFixed(1)}`);
  return (
    <>
      <svg
        className="record-line"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {low !== null && high !== null ? (
          <rect
            className="record-band"
            x="0"
            width={width}
            y={y(high)}
            height={Math.max(1, y(low) - y(high))}
          />
        ) : null}
        <polyline className="record-course" points={place.join(" ")} />
      </svg>
      <details className="small">
        <summary>{t("record.values", { count: points.length, title })}</summary>
        <ul>
          {points.toReversed().map((one) => (
            <li key={one.key} className="figure">
              {one.result?.value} {one.result?.unit} <Provenance item={one} state={state} />
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
