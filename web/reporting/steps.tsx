import type { CriticalValueView } from "../../server/reporting/contract.ts";
import { i18n, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";

/** Who did what, when: the same list for values and reports. */
export function Steps({
  kind,
  steps,
}: {
  kind: "valueStep" | "caseStep";
  steps: CriticalValueView["steps"];
}) {
  const t = useText();
  return (
    <ol className="reporting-steps">
      {steps.map((step) => (
        <li key={step.at + step.action}>
          <time className="muted small figure" dateTime={step.at}>
            {dateTime(step.at)}
          </time>
          <span className="strong">{i18n._(`reporting.${kind}.${step.action}`)}</span>
          <span className="muted small">
            {step.by
              ? [step.by, step.institution].filter(Boolean).join(" · ")
              : t("reporting.byClock")}
          </span>
          {step.reason ? <span className="pre-line">{step.reason}</span> : null}
        </li>
      ))}
    </ol>
  );
}
