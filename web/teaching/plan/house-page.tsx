import { useDeferredValue, useState } from "react";
import { api } from "../../api/client.ts";
import type { StaffView } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { isoDate } from "../../i18n/time.ts";
import { TeachingFrame } from "./frame.tsx";
import {
  type IssuedCertificate,
  type Policies,
  useIssued,
  usePolicies,
  useRefresh,
} from "./queries.ts";
import { inWords } from "./words.ts";

/** What the house decides about teaching: how long things are kept, when a second person looks, which certificates stand. */
export function HousePage({ session }: { session: StaffView }) {
  const t = useText();
  return (
    <TeachingFrame
      session={session}
      title={t("teaching.house.title")}
      how={t("teaching.house.how")}
    >
      <Numbers />
      <Issued />
    </TeachingFrame>
  );
}

function Numbers() {
  const t = useText();
  const refresh = useRefresh();
  const list = usePolicies();
  const [validFrom, setValidFrom] = useState(isoDate(Date.now()));
  const [years, setYears] = useState("3");
  const [least, setLeast] = useState("10");
  const [source, setSource] = useState("");
  const save = useWrite(
    (body: object, key) => api.post<Policies>("/api/teaching/policies", body, key),
    {
      onDone: () => {
        setSource("");
        refresh();
      },
    },
  );
  const between = (text: string, low: number, high: number) =>
    Number.isInteger(Number(text)) && Number(text) >= low && Number(text) <= high;
  const isRight =
    validFrom !== "" && between(years, 3, 30) && between(least, 3, 1000) && source.trim() !== "";
  return (
    <Card title={t("teaching.house.numbers")}>
      <div className="stack">
        <p className="muted">{t("teaching.house.numbersHow")}</p>
        {list.isPending ? <Skeleton lines={2} /> : null}
        <ProblemNotice error={list.error} retry={() => void list.refetch()} />
        {list.data?.policies.length === 0 ? <p>{t("teaching.house.noNumbers")}</p> : null}
        <ul className="teaching-lines">
          {list.data?.policies.map((one) => (
            <li key={one.validFrom} className="row">
              <span className="figure strong">{one.validFrom}</span>
              <span>
                {t("teaching.house.said", {
                  years: one.retentionYears,
                  least: one.smallCellLeast,
                })}
              </span>
              {one.counts ? <Status tone="good">{t("teaching.house.counts")}</Status> : null}
              <span className="muted">{one.source}</span>
            </li>
          ))}
        </ul>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({
              validFrom,
              retentionYears: Number(years),
              smallCellLeast: Number(least),
              source: source.trim(),
            });
          }}
        >
          <div className="teaching-fields">
            <TextField
              label={t("teaching.house.from")}
              type="date"
              value={validFrom}
              onChange={(event) => setValidFrom(event.target.value)}
            />
            <TextField
              label={t("teaching.house.years")}
              hint={t("teaching.house.yearsHint")}
              type="number"
              min={3}
              max={30}
              value={years}
              onChange={(event) => setYears(event.target.value)}
            />
            <TextField
              label={t("teaching.house.least")}
              hint={t("teaching.house.leastHint")}
              type="number"
              min={3}
              max={1000}
              value={least}
              onChange={(event) => setLeast(event.target.value)}
            />
          </div>
          <TextField
            label={t("teaching.house.source")}
            hint={t("teaching.house.sourceHint")}
            maxLength={300}
            value={source}
            onChange={(event) => setSource(event.target.value)}
          />
          <ProblemNotice error={save.error} />
          <div className="row">
            <Button look="primary" type="submit" busy={save.isPending} disabled={!isRight}>
              {t("teaching.house.save")}
            </Button>
          </div>
        </form>
      </div>
    </Card>
  );
}

function Issued() {
  const t = useText();
  const [words, setWords] = useState("");
  const list = useIssued(useDeferredValue(words.trim()));
  return (
    <Card title={t("teaching.house.issued")}>
      <div className="stack">
        <TextField
          label={t("teaching.house.find")}
          type="search"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {list.isPending ? <Skeleton lines={3} /> : null}
        <ProblemNotice error={list.error} retry={() => void list.refetch()} />
        {list.data?.certificates.length === 0 ? (
          <p className="muted">{t("teaching.house.noneIssued")}</p>
        ) : null}
        {list.data?.certificates.map((one) => (
          <IssuedOne key={one.code} one={one} />
        ))}
      </div>
    </Card>
  );
}

function IssuedOne({ one }: { one: IssuedCertificate }) {
  const t = useText();
  const language = useLanguage();
  const refresh = useRefresh();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const revoke = useWrite(
    (why: string, key) =>
      api.post<{ ok: true }>(`/api/teaching/certificates/${one.code}/revoke`, { reason: why }, key),
    {
      onDone: () => {
        setAsking(false);
        refresh();
      },
    },
  );
  return (
    <section className="teaching-person" aria-label={`${one.name} ${one.code}`}>
      <div>
        <p className="strong">
          {one.name} · {one.title}
        </p>
        <p className="muted">
          {[
            inWords(one.institution, language),
            isoDate(one.issuedAt),
            t("teaching.points", { points: one.points }),
            one.code,
          ].join(" · ")}
        </p>
        {one.revokeReason ? (
          <p>{t("teaching.house.revokedBecause", { reason: one.revokeReason })}</p>
        ) : null}
      </div>
      {one.revokedAt ? (
        <Status tone="bad">{t("teaching.certificate.revoked")}</Status>
      ) : asking ? null : (
        <Button
          look="quiet"
          aria-label={`${t("teaching.house.revoke")}：${one.name}`}
          onClick={() => setAsking(true)}
        >
          {t("teaching.house.revoke")}
        </Button>
      )}
      {asking && !one.revokedAt ? (
        <form
          className="stack grow"
          onSubmit={(event) => {
            event.preventDefault();
            revoke.mutate(reason.trim());
          }}
        >
          <TextField
            label={t("teaching.house.reason")}
            hint={t("teaching.house.reasonHint")}
            maxLength={300}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <ProblemNotice error={revoke.error} />
          <div className="row">
            <Button
              look="danger"
              type="submit"
              busy={revoke.isPending}
              disabled={reason.trim() === ""}
            >
              {t("teaching.house.revokeNow")}
            </Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t("teaching.case.stop")}
            </Button>
          </div>
        </form>
      ) : null}
    </section>
  );
}
