import { useText } from "../i18n/i18n.ts";

type Source = {
  name: string;
  year: number;
  recalled: boolean;
  address?: string | undefined;
  readOn?: string | undefined;
};

/** Where a rule comes from: a link to the page that was read and the day, or that it is from memory. */
export function SourceLine({ source }: { source: Source }) {
  const t = useText();
  return (
    <>
      {source.address ? (
        <a href={source.address} target="_blank" rel="noreferrer">
          {source.name}
        </a>
      ) : (
        source.name
      )}
      {/* An undated page has the year in which it was read; the day says that already. */}
      {source.readOn?.startsWith(String(source.year)) ? "" : ` ${source.year}`}
      {source.readOn ? (
        <>
          {" · "}
          <span className="triage-read-day">{t("triage.readOn", { day: source.readOn })}</span>
        </>
      ) : null}
      {source.recalled ? ` · ${t("triage.recalled")}` : ""}
    </>
  );
}
