import { Button } from "../../design/components/button.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { Segment } from "./queries.ts";
import { timeRange, useDayWords } from "./words.tsx";

/** The thumb's button: the earliest free time, or the one that a link named. */
export function TimeFoot({
  segment,
  moving,
  busy,
  onTake,
}: {
  segment: Segment;
  moving: boolean;
  busy: boolean;
  onTake: (segment: Segment) => void;
}) {
  const t = useText();
  const dayWords = useDayWords();
  return (
    <div className="book-foot">
      <p className="strong figure">
        {t("patient.booking.earliestHere", {
          time: `${dayWords(segment.startsAt)} ${timeRange(segment.startsAt, segment.endsAt)}`,
        })}
      </p>
      {moving ? null : <p className="muted small">{t("patient.booking.heldHow")}</p>}
      <Button look="primary" size="large" wide busy={busy} onClick={() => onTake(segment)}>
        {t("patient.booking.takeThis")}
      </Button>
    </div>
  );
}
