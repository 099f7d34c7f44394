import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { MyPaperCodes, PaperCodeView } from "../../server/cards/contract.ts";
import { api } from "../api/client.ts";
import { keepPage } from "../api/keep-page.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { file, left, print } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { useMyPaperCodes } from "./my-results.ts";
import { PaperCard } from "./paper-card.tsx";

type Person = MyPaperCodes["people"][number];

/** A relative makes, prints and renews the paper code of somebody without a phone. */
export function PaperPage({ patientId }: { patientId: string }) {
  const t = useText();
  const mine = useMyPaperCodes();
  const person = mine.data?.people.find((one) => one.patientId === patientId);
  return (
    <main id="main" className="phone-page">
      <header className="step-head no-print">
        <Link href="/results" className={buttonClass("quiet", { className: "align-start" })}>
          <Icon path={left} />
          <span>{t("patient.results.title")}</span>
        </Link>
        <h1>{t("patient.results.paperTitle")}</h1>
      </header>
      {mine.isPending ? <Skeleton lines={6} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && !person ? <Empty icon={file} title={t("patient.results.notFound")} /> : null}
      {person ? <Paper person={person} /> : null}
    </main>
  );
}

function Paper({ person }: { person: Person }) {
  const t = useText();
  const client = useQueryClient();
  const [disabled, setDisabled] = useState(false);
  const [asking, setAsking] = useState<"again" | "lost" | null>(null);
  const [lost, setLost] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ["my", "paper-codes"] });
  const make = useWrite(
    (body: { patientId: string; disabled: boolean }, key) =>
      api.post<PaperCodeView>("/api/my/paper-codes", body, key),
    {
      onDone: async () => {
        setAsking(null);
        setLost(false);
        await again();
      },
    },
  );
  const end = useWrite(
    (id: string, key) => api.post(`/api/paper-codes/${id}/revoke`, { reason: "lost" }, key),
    {
      onDone: async () => {
        setAsking(null);
        setLost(true);
        await again();
      },
    },
  );
  const { code, name } = person;
  const codeId = code?.id;
  useEffect(() => {
    if (codeId) void keepPage();
  }, [codeId]);
  const issue = () => make.mutate({ patientId: person.patientId, disabled });
  const byAge = person.reason !== null;
  return (
    <>
      {lost && !code ? <Notice tone="good">{t("patient.results.paperLostDone")}</Notice> : null}
      {code?.state === "expired" ? (
        <Notice tone="warn" live={false}>
          {t("patient.results.paperOver")}
        </Notice>
      ) : null}
      {code?.state === "valid" ? <PaperCard code={code} /> : null}
      <ProblemNotice error={make.error ?? end.error} />
      {code ? null : <p>{t("patient.results.paperWhat")}</p>}
      {byAge ? null : (
        <CheckField
          label={t("patient.results.paperDisabled", { name })}
          checked={disabled}
          onChange={(event) => setDisabled(event.target.checked)}
        />
      )}
      {asking && code ? (
        <section className="ask-again no-print">
          <p>
            {t(
              asking === "again"
                ? "patient.results.paperAgainSure"
                : "patient.results.paperLostSure",
            )}
          </p>
          <div className="pass-actions">
            {asking === "again" ? (
              <Button look="primary" busy={make.isPending} onClick={issue}>
                {t("patient.results.paperYes")}
              </Button>
            ) : (
              <Button look="danger" busy={end.isPending} onClick={() => end.mutate(code.id)}>
                {t("patient.results.paperLostYes")}
              </Button>
            )}
            <Button onClick={() => setAsking(null)}>
              {t(asking === "again" ? "patient.results.paperNo" : "patient.results.paperLostNo")}
            </Button>
          </div>
        </section>
      ) : (
        <div className="pass-actions no-print">
          {code?.state === "valid" ? (
            <>
              <Button
                look="primary"
                icon={print}
                wide
                className="whole-row"
                onClick={() => globalThis.print()}
              >
                {t("patient.results.print")}
              </Button>
              <Button wide disabled={!byAge && !disabled} onClick={() => setAsking("again")}>
                {t("patient.results.paperAgain")}
              </Button>
              <Button wide look="quiet" className="bad-text" onClick={() => setAsking("lost")}>
                {t("patient.results.paperLost")}
              </Button>
            </>
          ) : (
            <Button
              look="primary"
              size="large"
              wide
              className="whole-row"
              disabled={!byAge && !disabled}
              busy={make.isPending}
              onClick={issue}
            >
              {t("patient.results.paperMake", { name })}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
