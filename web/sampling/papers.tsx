import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import type { KeptPaper } from "./engine.ts";

/** Paper codes that wait for a line, and those that turned out not to count. */
export function Papers({
  papers,
  onSeen,
}: {
  papers: readonly KeptPaper[];
  onSeen: (id: string) => void;
}) {
  const t = useText();
  const waiting = papers.filter((one) => !one.refused);
  return (
    <>
      {waiting.length > 0 ? (
        <Notice tone="info" title={t("sampling.papersWaiting", { count: waiting.length })}>
          {t("sampling.papersWaitingHow")}
        </Notice>
      ) : null}
      {papers
        .filter((one) => one.refused)
        .map((one) => (
          <Notice
            key={one.id}
            tone="bad"
            title={t("sampling.paperRefused", { time: clockTime(one.at) })}
            action={<Button onClick={() => onSeen(one.id)}>{t("sampling.seen")}</Button>}
          >
            {one.refused}
          </Notice>
        ))}
    </>
  );
}
