import type { DraftState } from "../api/draft.ts";
import { Status } from "../design/components/status.tsx";
import { check, offline, retry, warning } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";

/** Where a draft stands, in words; heard by those who do not see it change. */
export function DraftWords({ state }: { state: DraftState }) {
  const t = useText();
  return (
    <span role="status" className="draft-words">
      {state.kind === "saved" ? (
        state.at ? (
          <Status tone="good" icon={check}>
            {t("consult.draft.saved", { time: clockTime(state.at) })}
          </Status>
        ) : null
      ) : state.kind === "saving" ? (
        <Status tone="quiet" icon={retry}>
          {t("consult.draft.saving")}
        </Status>
      ) : state.kind === "conflict" ? (
        <Status tone="bad" icon={warning}>
          {t("consult.draft.conflict")}
        </Status>
      ) : (
        <Status tone="warn" icon={offline}>
          {state.reason === "line" ? t("consult.draft.keptHere") : t("consult.draft.refused")}
        </Status>
      )}
    </span>
  );
}
