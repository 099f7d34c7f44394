import { useLanguage, useText } from "../i18n/i18n.ts";
import { nameOf } from "./names.ts";
import type { Preview } from "./queries.ts";
import { yuan } from "./yuan.ts";

/** What is billed, line by line, and who pays what of the whole. */
export function Lines({ of }: { of: Omit<Preview, "scheme"> }) {
  const t = useText();
  const language = useLanguage();
  return (
    <div className="billing-lines">
      <ul>
        {of.lines.map((line) => (
          <li key={line.code} className="row spread">
            <span>
              {nameOf(line.name, language)}{" "}
              {line.quantity === 1 ? null : (
                <span className="muted figure">
                  {yuan(line.unitFen)} × {line.quantity}
                </span>
              )}
            </span>
            <span className="figure">{yuan(line.totalFen)}</span>
          </li>
        ))}
      </ul>
      <dl className="billing-sums">
        <div>
          <dt>{t("billing.total")}</dt>
          <dd className="figure">{yuan(of.totalFen)}</dd>
        </div>
        <div>
          <dt>{t("billing.insurance")}</dt>
          <dd className="figure">{yuan(of.insuranceFen)}</dd>
        </div>
        <div className="billing-own">
          <dt>{t("billing.own")}</dt>
          <dd className="figure">{yuan(of.ownFen)}</dd>
        </div>
      </dl>
    </div>
  );
}
