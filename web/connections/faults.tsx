import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { type SourceFaults as Faults, useSourceFaults } from "./queries.ts";

type Kind = Faults[number]["kind"];
/** Kinds for which the test of a connection says what to do already. */
const tested = [
  "unreachable",
  "timeout",
  "redirect",
  "private-address",
  "insecure",
  "not-fhir",
  "unreadable",
  "too-large",
  "refused",
  "busy",
] as const satisfies readonly Kind[];
const wordsOf = (kind: Kind): MessageId =>
  (tested as readonly Kind[]).includes(kind)
    ? (`connections.test.fault.${kind}` as MessageId)
    : (`connections.problem.${kind}` as MessageId);

/** What went wrong with this institution's sources, and what to do: by kind, without a patient. */
export function SourceFaults() {
  const t = useText();
  const faults = useSourceFaults();
  const rows = faults.data?.faults ?? [];
  const heads = (["source", "what", "where", "times", "last"] as const).map((name) =>
    t(`connections.faults.${name}`),
  );
  const download = () =>
    saveTable([
      heads,
      ...rows.map((one) => [
        one.name,
        t(wordsOf(one.kind)),
        one.expression ?? "",
        one.times,
        one.lastAt,
      ]),
    ]);
  return (
    <section className="connections-card" aria-labelledby="connections-faults">
      <header className="row spread">
        <h2 id="connections-faults">
          {t("connections.faults.title", { days: faults.data?.days ?? 30 })}
        </h2>
        {rows.length > 0 ? (
          <Button look="soft" onClick={download}>
            {t("connections.faults.csv")}
          </Button>
        ) : null}
      </header>
      <p className="muted">{t("connections.faults.how")}</p>
      {faults.isPending ? <Skeleton lines={2} /> : null}
      <ProblemNotice error={faults.error} retry={() => void faults.refetch()} />
      {faults.data && rows.length === 0 ? (
        <p className="muted">{t("connections.faults.none")}</p>
      ) : null}
      {rows.length > 0 ? (
        <div className="connections-table">
          <table>
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={`${one.source} ${one.kind} ${one.expression}`}>
                  <th scope="row">{one.name}</th>
                  <td>{t(wordsOf(one.kind))}</td>
                  <td className="connections-address">{one.expression ?? "—"}</td>
                  <td className="figure">{one.times}</td>
                  <td className="figure">{dateTime(one.lastAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}

/** With a byte order mark, so that Excel reads UTF-8. */
function saveTable(rows: readonly (readonly (string | number)[])[]): void {
  const text = `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "source-faults.csv";
  link.click();
  URL.revokeObjectURL(address);
}

/** A cell that begins like a formula is text (OWASP, CSV injection). */
function cell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
