import { Button } from "../design/components/button.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dateTime } from "../i18n/time.ts";
import { lock, retry } from "./icons.ts";
import type { SourceLine } from "./state.ts";
import type { RecordView } from "./use-record.ts";

/** Who was asked and what came of it, in words; what did not answer is named and asked again. */
export function Sources({ view }: { view: RecordView }) {
  const t = useText();
  const nameOf = useNameOf();
  const { sources } = view.state;
  const withholding = sources.filter((one) => one.outcome?.withholds).length;
  const others = sources.reduce((sum, one) => sum + (one.outcome?.otherPatient ?? 0), 0);
  const setAside = sources.reduce((sum, one) => sum + (one.outcome?.setAside ?? 0), 0);
  const stillDown = sources.filter((one) => one.outcome?.state === "down");
  return (
    <section className="record-sources" aria-label={t("record.sources.title")}>
      <ul className="record-source-list">
        {sources.map((source) => (
          <li key={source.code}>
            <span className="grow">{nameOf(source)}</span>
            <SourceStatus source={source} isAsking={view.asking.has(source.code)} />
          </li>
        ))}
      </ul>
      {stillDown.map((source) => (
        <div key={source.code} className="record-down">
          <p>
            {t(`record.fault.${source.outcome?.fault ?? "failed"}` as MessageId, {
              name: nameOf(source),
            })}{" "}
            {isPaused(source) ? null : <LastKnown source={source} />}
          </p>
          {isPaused(source) ? null : (
            <Button
              size="small"
              icon={retry}
              busy={view.asking.has(source.code)}
              onClick={() => view.askAgain(source.code)}
            >
              {t("common.retry")}
              <span className="visually-hidden"> {nameOf(source)}</span>
            </Button>
          )}
        </div>
      ))}
      {withholding > 0 ? (
        <p>
          <Status tone="info" icon={lock}>
            {t("record.sources.withheldCount", { count: withholding })}
          </Status>
        </p>
      ) : null}
      {others > 0 ? (
        <p>
          <Status tone="warn">{t("record.sources.otherPatient", { count: others })}</Status>
        </p>
      ) : null}
      {setAside > 0 ? (
        <p className="muted small">{t("record.sources.setAside", { count: setAside })}</p>
      ) : null}
    </section>
  );
}

/** Its house keeps it from being asked: pressing a button changes nothing. */
const isPaused = ({ outcome }: SourceLine) => outcome?.fault === "paused";

/** The copy that is shown, or when its index was last heard of. */
function LastKnown({ source }: { source: SourceLine }) {
  const t = useText();
  const { outcome, indexedAt } = source;
  if (outcome?.copyAt)
    return <strong>{t("record.sources.copy", { time: dateTime(outcome.copyAt) })}</strong>;
  return (
    <span className="muted">
      {indexedAt
        ? t("record.sources.lastIndex", { time: dateTime(indexedAt) })
        : t("record.sources.noIndex")}
    </span>
  );
}

const tones: Record<string, Tone> = {
  answered: "good",
  withheld: "info",
  nothing: "quiet",
  down: "warn",
};

function SourceStatus({ source, isAsking }: { source: SourceLine; isAsking: boolean }) {
  const t = useText();
  const { outcome } = source;
  if (!outcome || isAsking) return <Status tone="quiet">{t("record.sources.asking")}</Status>;
  return (
    <Status
      tone={tones[outcome.state] ?? "quiet"}
      {...(outcome.state === "withheld" ? { icon: lock } : {})}
    >
      {outcome.state === "answered"
        ? t("record.sources.answered", { seconds: Math.max(0.1, outcome.tookMs / 1000).toFixed(1) })
        : outcome.copyAt
          ? t("record.sources.copyShort")
          : t(`record.sources.${outcome.state}` as MessageId)}
    </Status>
  );
}
