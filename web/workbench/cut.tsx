import { Button } from "../design/components/button.tsx";
import { useText } from "../i18n/i18n.ts";

/** What a list shows at first, and at most: beyond it one searches. */
export const listPage = 100;
export const mostListed = 1000;

/** A list that is cut says so: how many of how many, and a page more; nothing while all are shown. */
export function Cut({
  shown,
  total,
  most,
  onMost,
}: {
  shown: number;
  total: number;
  most: number;
  onMost: (most: number) => void;
}) {
  const t = useText();
  if (total <= shown || shown === 0) return null;
  return (
    <div className="queue-new" role="status">
      <p className="muted small">{t("common.cut.shown", { shown, all: total })}</p>
      {most < mostListed ? (
        <Button look="soft" size="small" onClick={() => onMost(most + listPage)}>
          {t("common.cut.more", { count: Math.min(listPage, total - shown) })}
        </Button>
      ) : null}
    </div>
  );
}
