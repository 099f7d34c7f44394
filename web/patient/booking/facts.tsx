import type { ReactNode } from "react";

/** What is so, line by line: a term, its words, perhaps a way to change it. */
export function Facts({
  rows,
}: {
  rows: readonly (readonly [term: string, words: ReactNode, change?: ReactNode] | null)[];
}) {
  return (
    <dl className="facts">
      {rows.map((row) =>
        row ? (
          <div key={row[0]} className="fact">
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
            {row[2] ? <dd className="fact-change no-print">{row[2]}</dd> : null}
          </div>
        ) : null,
      )}
    </dl>
  );
}
