import { useEffect, useState } from "react";
import type { z } from "zod";
import type { certificateCheck } from "../../server/teaching/credit-contract.ts";
import { api } from "../api/client.ts";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";

type Check = z.infer<typeof certificateCheck>;

/** Whether a credit certificate is true: for whoever holds the paper, without an account. */
export function TeachingCheck({ code }: { code: string }) {
  const t = useText();
  const language = useLanguage();
  const [found, setFound] = useState<Check | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    api
      .get<Check>(`/api/check/teaching/${encodeURIComponent(code)}`, gone.signal)
      .then(setFound)
      .catch((failed: unknown) => {
        if (!gone.signal.aborted)
          setError(failed instanceof Error ? failed : new Error(String(failed)));
      });
    return () => gone.abort();
  }, [code]);
  const valid = found?.state === "valid" && found.signed;
  const issuer = found?.issuer;
  return (
    <main id="main" className="verify">
      <header className="row spread">
        <h1>{t("verifier.teaching.title")}</h1>
        <LanguageSwitch />
      </header>
      {!found && !error ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={error} />
      {found ? (
        <section className="stack" aria-live="polite">
          <p>
            <Status tone={valid ? "good" : "bad"}>
              {found.state === "unknown"
                ? t("verifier.teaching.unknown")
                : found.state === "revoked"
                  ? t("verifier.teaching.revoked")
                  : found.signed
                    ? t("verifier.teaching.valid")
                    : t("verifier.teaching.unsigned")}
            </Status>
          </p>
          {found.title ? (
            <>
              <p className="strong">{found.maskedName}</p>
              <p>{found.title}</p>
              <p className="figure">
                {t("verifier.teaching.points", { points: found.points ?? 0 })} · {found.issuedOn}
              </p>
              {issuer ? (
                <p className="muted">
                  {(language === "bo" ? issuer.bo : language === "en" ? issuer.en : null) ??
                    issuer.zh}
                </p>
              ) : null}
            </>
          ) : null}
          <p className="muted">{found.code}</p>
        </section>
      ) : null}
    </main>
  );
}
