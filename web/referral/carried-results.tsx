import { Fragment } from "react";
import type { OutsideLine } from "../../server/referral-outside/contract.ts";
import { Card } from "../design/components/card.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import "../consult/consult.css";

const tones = {
  usual: "good",
  low: "warn",
  high: "warn",
  critical: "bad",
} as const satisfies Record<string, Tone>;

/** What the other house's laboratories found, as it came with the referral; newest first. */
export function CarriedResults({ results }: { results: OutsideLine["results"] }) {
  const t = useText();
  return (
    <Card title={t("referral.outside.results")}>
      <dl className="facts">
        {results.map((one) => (
          <Fragment key={one.key}>
            <dt>{one.title}</dt>
            <dd>
              <span className="figure">{one.value ?? "—"}</span>{" "}
              {one.flag ? (
                <Status tone={tones[one.flag]}>{t(`record.flag.${one.flag}`)}</Status>
              ) : null}{" "}
              {one.range ? (
                <span className="muted small">{`${one.range.low ?? ""}–${one.range.high ?? ""}`}</span>
              ) : null}{" "}
              {one.date ? <span className="muted small">{dayTime(one.date)}</span> : null}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Card>
  );
}
