import { Status } from "../design/components/status.tsx";
import { shield } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { ShownCase } from "./lecture.ts";

const asItIs = (address: string) => address;

/** One thing of a de-identified case, large: words and values, or a picture. */
export function CaseSheet({
  cases,
  item: shown,
  thin,
  pictureAt = asItIs,
}: {
  cases: readonly ShownCase[];
  item: { caseId: string; itemId: string };
  thin: boolean;
  /** Where a picture lies, if not at its own address. */
  pictureAt?: (address: string) => string;
}) {
  const t = useText();
  const found = cases.find((one) => one.id === shown.caseId);
  const item = found?.items.find((one) => one.id === shown.itemId);
  if (!found || !item) return <p className="sound-only">{t("lecture.cases.gone")}</p>;
  return (
    <section className="case-sheet" data-scene="page" aria-label={found.title}>
      <header className="row spread">
        <p className="strong">
          {found.title} <span className="muted">{[found.who, found.place].join(" · ")}</span>
        </p>
        <Status tone="info" icon={shield}>
          {t("lecture.cases.mark")}
        </Status>
      </header>
      <h2>{item.title}</h2>
      {item.picture ? (
        <img src={pictureAt(thin ? item.picture.thin : item.picture.full)} alt={item.title} />
      ) : item.lines.every((line) => !line.day && !line.value && !line.flag) ? (
        // Words alone have the whole width.
        item.lines.map((line) => (
          <p key={line.text} className="pre-line">
            {line.text}
          </p>
        ))
      ) : (
        <table>
          <tbody>
            {item.lines.map((line) => (
              <tr key={`${line.day}${line.text}${line.value}`}>
                <td className="muted">{line.day}</td>
                <td>{line.text}</td>
                <td className="figure strong">{line.value}</td>
                <td className={line.flag ? "warn-text" : undefined}>{line.flag}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
