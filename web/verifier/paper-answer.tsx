import { useState } from "react";
import type { PaperHolder, PaperResult } from "../../server/cards/contract.ts";
import { api } from "../api/client.ts";
import { useSession } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { warning } from "../design/icons.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { dayTime, isoDate } from "../i18n/time.ts";
import type { PaperVerdict } from "./check-paper.ts";
import { Verdict, type VerdictKind } from "./verdict.tsx";

/** The words come with the part, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/verifierPaper/zh-CN"),
  bo: () => import("virtual:messages/verifierPaper/bo"),
  en: () => import("virtual:messages/verifierPaper/en"),
});

/** A paper code: genuine or not without a line; whose it is only for staff who may know. */
export function PaperAnswer({
  text,
  verdict,
  now,
}: {
  text: string;
  /** null: a number typed by hand, which carries no signature */
  verdict: PaperVerdict | null;
  now: number;
}) {
  const t = useText();
  const time = verdict && "expiresAt" in verdict ? isoDate(verdict.expiresAt) : "";
  return (
    <>
      {verdict === null ? (
        <Verdict kind="unknown" title={t("verifierPaper.number")}>
          <p>{t("verifierPaper.numberHow")}</p>
        </Verdict>
      ) : verdict.is === "valid" ? (
        <Verdict kind="valid" title={t("verifierPaper.valid")}>
          <p>{t("verifierPaper.validHow", { time })}</p>
        </Verdict>
      ) : verdict.is === "invalid" ? (
        <Verdict kind="invalid" title={t("verifier.invalid")}>
          <p>{t(`verifierPaper.why.${verdict.why}`, { time })}</p>
        </Verdict>
      ) : (
        <Verdict kind="unknown" title={t("verifier.unknown")}>
          <p>
            {verdict.why === "key"
              ? t("verifierPaper.why.key")
              : t(`verifier.why.${verdict.why}`, { issuer: "" })}
          </p>
        </Verdict>
      )}
      {verdict?.is === "invalid" ? null : <Holder key={text} text={text} now={now} />}
    </>
  );
}

function Holder({ text, now }: { text: string; now: number }) {
  const t = useText();
  const session = useSession();
  const [refused, setRefused] = useState(false);
  const ask = useWrite(() => api.post<PaperHolder>("/api/paper-codes/check", { code: text }));
  const result = useWrite(() => api.post<PaperResult>("/api/paper-codes/result", { code: text }));
  const staff = session.data?.kind === "staff" ? session.data : null;
  if (!staff?.permissions.includes("paper-code.check")) {
    return (
      <section className="identity">
        <p>{t("verifierPaper.staffOnly")}</p>
        {staff ? null : (
          <a href="/workbench" className={buttonClass("soft")}>
            {t("verifierPaper.toWorkbench")}
          </a>
        )}
      </section>
    );
  }
  if (!ask.data) {
    return (
      <>
        <ProblemNotice error={ask.error} />
        {ask.isError ? null : (
          <Button
            look="primary"
            wide
            size="large"
            busy={ask.isPending}
            onClick={() => ask.mutate()}
          >
            {t("verifierPaper.whose")}
          </Button>
        )}
      </>
    );
  }
  const { nameMasked, idLastFour, birthYear } = ask.data;
  return (
    <>
      <section className="identity">
        <p className="identity-say">
          <Icon path={warning} />
          <span>{t("verifierPaper.compare")}</span>
        </p>
        <p className="identity-name">{nameMasked}</p>
        <dl className="answer-facts">
          <div>
            <dt>{t("verifierPaper.lastFour")}</dt>
            <dd className={idLastFour ? "figure identity-id" : undefined}>
              {idLastFour ?? t("verifierPaper.noId")}
            </dd>
          </div>
          {birthYear ? (
            <div>
              <dt>{t("verifierPaper.birthYear")}</dt>
              <dd className="figure">{birthYear}</dd>
            </div>
          ) : null}
        </dl>
      </section>
      <ProblemNotice error={result.error} />
      {refused ? (
        <Verdict kind="invalid" title={t("verifier.invalid")}>
          <p>{t("verifierPaper.notSameDone")}</p>
        </Verdict>
      ) : result.data ? (
        <ResultOf result={result.data} now={now} />
      ) : (
        <div className="verify-actions">
          <Button
            look="primary"
            size="large"
            busy={result.isPending}
            onClick={() => result.mutate()}
          >
            {t("verifierPaper.same")}
          </Button>
          <Button size="large" onClick={() => setRefused(true)}>
            {t("verifierPaper.notSame")}
          </Button>
        </div>
      )}
    </>
  );
}

function ResultOf({ result, now }: { result: PaperResult; now: number }) {
  const t = useText();
  const { state, sampledAt, validUntil, validityHours } = result;
  const old = state === "negative" && validUntil !== null && Date.parse(validUntil) <= now;
  const kind: VerdictKind =
    state === "negative" && !old ? "valid" : state === "none" ? "unknown" : "invalid";
  return (
    <Verdict
      kind={kind}
      title={
        old
          ? t("verifierPaper.result.old", { hours: validityHours ?? 0 })
          : t(`verifierPaper.result.${state}`)
      }
    >
      {sampledAt ? (
        <p>
          {t("verifier.sampled")} <span className="figure">{dayTime(sampledAt, now)}</span>
          {validUntil ? (
            <>
              <br />
              {t("verifier.until")} <span className="figure">{dayTime(validUntil, now)}</span>
            </>
          ) : null}
        </p>
      ) : null}
    </Verdict>
  );
}
