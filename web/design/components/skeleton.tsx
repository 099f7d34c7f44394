import { useText } from "../../i18n/i18n.ts";
import "./skeleton.css";

/** Lines in the place of what is being read. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const t = useText();
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{t("common.loading")}</span>
      {"abcdefghij"
        .slice(0, lines)
        .split("")
        .map((key, index) => (
          <span key={key} className={`skeleton-line skeleton-line-${index % 3}`} />
        ))}
    </div>
  );
}
