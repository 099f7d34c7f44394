import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import type { Conflict } from "./engine.ts";
import { tubeWords } from "./tube-code.ts";

/** What was done without a line and could not be taken: by person and tube, and what to do now. */
export function Conflicts({
  conflicts,
  onSeen,
}: {
  conflicts: readonly Conflict[];
  onSeen: (id: string) => void;
}) {
  const t = useText();
  return conflicts.map((one) => (
    <Notice
      key={one.id}
      tone="bad"
      title={
        one.person
          ? t("sampling.conflictPerson", { name: one.person, digits: one.lastFour ?? "" })
          : t("sampling.conflictTube", { code: one.tube ? tubeWords(one.tube) : "" })
      }
      action={<Button onClick={() => onSeen(one.id)}>{t("sampling.seen")}</Button>}
    >
      <p>
        {t(`sampling.problem.${one.problem}`, { name: one.person ?? "", place: "" })}{" "}
        {one.otherTube && one.station !== null
          ? t("sampling.conflictWhere", { code: tubeWords(one.otherTube), number: one.station })
          : null}
      </p>
      <p className="muted small">
        {t("sampling.conflictWhen", {
          time: clockTime(one.at),
          code: one.tube ? tubeWords(one.tube) : "",
        })}{" "}
        {t("sampling.conflictHow")}
      </p>
    </Notice>
  ));
}
