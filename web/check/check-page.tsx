import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { z } from "zod";
import type { checkAnswer } from "../../server/consult/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { warning } from "../design/icons.ts";
import { shield } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import "./check.css";

type Answer = z.infer<typeof checkAnswer>;

/** Anyone may ask whether a printed opinion is genuine; it shows only who signed what when. */
export function CheckPage() {
  const t = useText();
  const documentId = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    document.title = t("check.pageTitle");
  });
  const check = useQuery({
    queryKey: ["check", documentId],
    enabled: documentId !== "",
    queryFn: async ({ signal }): Promise<Answer | null> => {
      try {
        return await api.get<Answer>(`/api/check/${encodeURIComponent(documentId)}`, signal);
      } catch (cause) {
        if (cause instanceof ApiError && (cause.status === 404 || cause.status === 400))
          return null;
        throw cause;
      }
    },
  });
  const answer = check.data;
  const tone = !answer?.found ? "unknown" : answer.valid ? "valid" : "invalid";
  return (
    <main className="check" id="main">
      <header className="row spread">
        <p className="brand-name">{t("common.brand")}</p>
        <LanguageSwitch />
      </header>
      <h1>{t("check.title")}</h1>
      {documentId === "" || (check.isSuccess && !answer?.found) ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const id = typed.trim().split("/").at(-1);
            if (id) location.assign(`/check/${encodeURIComponent(id)}`);
          }}
        >
          {documentId === "" ? null : (
            <Verdict tone="unknown" title={t("check.unknown")} text={t("check.unknownHow")} />
          )}
          <TextField
            label={t("check.number")}
            hint={t("check.numberHint")}
            required
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button look="primary" type="submit">
            {t("check.submit")}
          </Button>
        </form>
      ) : null}
      {documentId !== "" && check.isPending ? <Skeleton lines={4} /> : null}
      {check.isError ? (
        <ProblemNotice error={check.error} retry={() => void check.refetch()} />
      ) : null}
      {answer?.found ? (
        <>
          <Verdict
            tone={tone}
            title={answer.valid ? t("check.valid") : t("check.invalid")}
            text={answer.valid ? t("check.validWhat") : (answer.reason ?? t("check.invalidWhat"))}
          />
          <dl className="check-facts">
            <dt>{t("check.doctor")}</dt>
            <dd>{answer.doctor ?? "–"}</dd>
            <dt>{t("check.institution")}</dt>
            <dd>{answer.institution ?? "–"}</dd>
            <dt>{t("check.signedAt")}</dt>
            <dd className="figure">{answer.signedAt ? dateTime(answer.signedAt) : "–"}</dd>
            <dt>{t("check.patient")}</dt>
            <dd>{answer.patientMasked ?? "–"}</dd>
            <dt>{t("check.key")}</dt>
            <dd className="check-key">{answer.kid ?? "–"}</dd>
            {answer.keyRevokedAt ? (
              <>
                <dt>{t("check.revoked")}</dt>
                <dd className="figure">{dateTime(answer.keyRevokedAt)}</dd>
              </>
            ) : null}
            <dt>{t("check.document")}</dt>
            <dd className="check-key">{answer.documentId ?? documentId}</dd>
          </dl>
          <p className="muted small">{t("check.compare")}</p>
        </>
      ) : null}
    </main>
  );
}

function Verdict({
  tone,
  title,
  text,
}: {
  tone: "valid" | "invalid" | "unknown";
  title: string;
  text: string;
}) {
  return (
    <div className={`verdict verdict-${tone}`} role="status">
      <Icon path={tone === "valid" ? shield : warning} size="tile" />
      <div>
        <p className="verdict-title">{title}</p>
        <p>{text}</p>
      </div>
    </div>
  );
}
