import { asApiError } from "../../api/client.ts";
import { useText } from "../../i18n/i18n.ts";
import { offline, retry as retryIcon } from "../icons.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** An error in place: what happened, what to do, the number to name when asking for help. */
export function ProblemNotice({
  error,
  retry,
  kept,
}: {
  error: unknown;
  retry?: () => void;
  kept?: string;
}) {
  const t = useText();
  if (!error) return null;
  const problem = asApiError(error);
  return (
    <Notice
      tone={problem.isLine ? "warn" : "bad"}
      icon={problem.isLine ? offline : undefined}
      title={problem.detail.startsWith(problem.title) ? problem.detail : problem.title}
      action={
        retry ? (
          <Button icon={retryIcon} onClick={retry}>
            {t("common.retry")}
          </Button>
        ) : undefined
      }
    >
      {problem.detail.startsWith(problem.title) ? null : <p>{problem.detail}</p>}
      {problem.errors.length > 0 ? (
        <ul>
          {problem.errors.map((entry) => (
            <li key={entry.path + entry.message}>{entry.message}</li>
          ))}
        </ul>
      ) : null}
      {kept ? <p>{kept}</p> : null}
      {problem.correlationId ? (
        <p className="small">
          {t("common.error.number", { number: problem.correlationId.slice(0, 8) })}
        </p>
      ) : null}
    </Notice>
  );
}
