import type { ReactNode } from "react";
import { Icon } from "../design/components/icon.tsx";
import { check, info, warning } from "../design/icons.ts";
import { close } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import type { CardFacts, CardVerdict } from "./check-card.ts";

export type VerdictKind = "valid" | "invalid" | "unknown";
const icons: Record<VerdictKind, string> = { valid: check, invalid: close, unknown: info };
const hourMilliseconds = 3_600_000;

/** The answer: icon, word and colour, and why. */
export function Verdict({
  kind,
  title,
  children,
}: {
  kind: VerdictKind;
  title: string;
  children: ReactNode;
}) {
  return (
    <section className={`answer answer-${kind}`} role={kind === "valid" ? "status" : "alert"}>
      <Icon path={icons[kind]} size="tile" />
      <div className="grow">
        <h2 className="answer-word">{title}</h2>
        <div>{children}</div>
      </div>
    </section>
  );
}

/** What a card says, once it was checked. */
export function CardAnswer({
  verdict,
  windowHours,
  now,
}: {
  verdict: CardVerdict;
  windowHours: number;
  now: number;
}) {
  const t = useText();
  const facts = "facts" in verdict ? verdict.facts : null;
  return (
    <>
      {verdict.is === "valid" ? (
        <Verdict kind="valid" title={t("verifier.valid")}>
          <p>{t("verifier.validHow")}</p>
        </Verdict>
      ) : verdict.is === "invalid" ? (
        <Verdict kind="invalid" title={t("verifier.invalid")}>
          <p>{t(`verifier.why.${verdict.why}`, { hours: windowHours })}</p>
        </Verdict>
      ) : (
        <Verdict kind="unknown" title={t("verifier.unknown")}>
          <p>{t(`verifier.why.${verdict.why}`, { issuer: verdict.issuer ?? "" })}</p>
        </Verdict>
      )}
      {facts ? <Facts facts={facts} now={now} /> : null}
    </>
  );
}

function Facts({ facts, now }: { facts: CardFacts; now: number }) {
  const t = useText();
  const hours = Math.max(0, Math.floor((now - facts.sampledAt) / hourMilliseconds));
  return (
    <>
      <section className="identity">
        <p className="identity-name" lang="zh-CN">
          {facts.name}
        </p>
        {facts.birthDate ? (
          <p className="figure">
            {t("verifier.birthDate")} {facts.birthDate}
          </p>
        ) : null}
        <p className="identity-say">
          <Icon path={warning} />
          <span>{t("verifier.identity")}</span>
        </p>
      </section>
      <dl className="answer-facts">
        <div>
          <dt>{t("verifier.result")}</dt>
          <dd>{t(`verifier.${facts.result}`)}</dd>
        </div>
        <div>
          <dt>{t("verifier.sampled")}</dt>
          <dd>
            <span className="figure">{dayTime(facts.sampledAt, now)}</span>
            {now >= facts.sampledAt ? (
              <span className="muted"> · {t("verifier.hoursAgo", { count: hours })}</span>
            ) : null}
          </dd>
        </div>
        {facts.result === "negative" ? (
          <div>
            <dt>{t("verifier.until")}</dt>
            <dd className="figure">{dayTime(facts.validUntil, now)}</dd>
          </div>
        ) : null}
        {facts.laboratory ? (
          <div>
            <dt>{t("verifier.laboratory")}</dt>
            <dd lang="zh-CN">{facts.laboratory}</dd>
          </div>
        ) : null}
      </dl>
    </>
  );
}
