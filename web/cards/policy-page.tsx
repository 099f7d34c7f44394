import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import type { policyBody, policyList } from "../../server/cards/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import "./policy-page.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/cardPolicy/zh-CN"),
  bo: () => import("virtual:messages/cardPolicy/bo"),
  en: () => import("virtual:messages/cardPolicy/en"),
});

type Policies = z.infer<typeof policyList>;
type Policy = Policies["policies"][number];
type Body = z.input<typeof policyBody>;
const queryKey = ["card-policy"];
const windows = [24, 48, 72] as const;

/** How long a result and a paper code count: dated versions, which are recalled and which somebody has checked. */
export function CardPolicyPage() {
  const t = useText();
  const found = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get<Policies>("/api/cards/policies", signal),
  });
  return (
    <main id="main" className="card-policies">
      <header>
        <h1>{t("cardPolicy.title")}</h1>
        <p className="muted">{t("cardPolicy.how")}</p>
      </header>
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? (
        <>
          <Card title={t("cardPolicy.versions")}>
            <ul>
              {found.data.policies.map((one) => (
                <Version key={one.id} policy={one} />
              ))}
            </ul>
          </Card>
          {found.data.mayEnter ? (
            <NewVersion
              key={found.data.policies.length}
              today={found.data.today}
              start={found.data.policies[0]}
            />
          ) : null}
        </>
      ) : null}
    </main>
  );
}

function useChange<Variables>(write: (variables: Variables, key: string) => Promise<Policies>) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (policies) => {
      client.setQueryData(queryKey, policies);
    },
  });
}

function Version({ policy }: { policy: Policy }) {
  const t = useText();
  const check = useChange((id: string, key) =>
    api.post<Policies>(`/api/cards/policies/${id}/check`, {}, key),
  );
  return (
    <li>
      <strong className="figure">{t("cardPolicy.from", { day: policy.validFrom })}</strong>
      <Status
        tone={policy.when === "current" ? "good" : policy.when === "coming" ? "info" : "quiet"}
      >
        {t(`cardPolicy.when.${policy.when}`)}
      </Status>
      <span className="grow">
        {t("cardPolicy.counts", { hours: policy.validityHours, days: policy.paperCodeDays })}
        <br />
        <span className="muted small">
          {policy.testCode} · <span lang="zh-CN">{policy.source}</span>
          {policy.enteredBy ? ` · ${t("cardPolicy.enteredBy", { name: policy.enteredBy })}` : ""}
        </span>
      </span>
      {policy.recalled ? (
        policy.checkedBy ? (
          <Status tone="good">{t("cardPolicy.checkedBy", { name: policy.checkedBy })}</Status>
        ) : (
          <Status tone="warn">{t("cardPolicy.awaits")}</Status>
        )
      ) : null}
      {policy.mayCheck ? (
        <Button look="soft" busy={check.isPending} onClick={() => check.mutate(policy.id)}>
          {t("cardPolicy.check")}
          <span className="visually-hidden"> {policy.validFrom}</span>
        </Button>
      ) : null}
      <ProblemNotice error={check.error} />
    </li>
  );
}

function NewVersion({ today, start }: { today: string; start: Policy | undefined }) {
  const t = useText();
  const [validFrom, setValidFrom] = useState("");
  const [hours, setHours] = useState(String(start?.validityHours ?? 48));
  const [days, setDays] = useState(String(start?.paperCodeDays ?? 180));
  const [testCode, setTestCode] = useState(start?.testCode ?? "94500-6");
  const [source, setSource] = useState("");
  const [recalled, setRecalled] = useState(false);
  const enter = useChange((body: Body, key) =>
    api.post<Policies>("/api/cards/policies", body, key),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate({
      validFrom,
      validityHours: Number(hours) as (typeof windows)[number],
      paperCodeDays: Number(days),
      testCode: testCode.trim(),
      source: source.trim(),
      recalled,
    });
  };
  return (
    <Card title={t("cardPolicy.new")}>
      <form className="stack" onSubmit={submit}>
        <div className="card-policy-fields">
          <TextField
            label={t("cardPolicy.validFrom")}
            type="date"
            min={today}
            required
            value={validFrom}
            onChange={(event) => setValidFrom(event.target.value)}
          />
          <SelectField
            label={t("cardPolicy.hours")}
            value={hours}
            onChange={(event) => setHours(event.target.value)}
          >
            {windows.map((one) => (
              <option key={one} value={one}>
                {t("cardPolicy.hoursOf", { count: one })}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t("cardPolicy.days")}
            type="number"
            min={1}
            max={366}
            required
            value={days}
            onChange={(event) => setDays(event.target.value)}
          />
          <TextField
            label={t("cardPolicy.testCode")}
            required
            value={testCode}
            autoComplete="off"
            onChange={(event) => setTestCode(event.target.value)}
          />
        </div>
        <TextField
          label={t("cardPolicy.source")}
          hint={t("cardPolicy.sourceHow")}
          required
          maxLength={200}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <CheckField
          label={t("cardPolicy.recalled")}
          checked={recalled}
          onChange={(event) => setRecalled(event.target.checked)}
        />
        {recalled ? <Notice tone="warn" title={t("cardPolicy.recalledHow")} /> : null}
        <ProblemNotice error={enter.error} />
        <div className="row">
          <Button type="submit" look="primary" busy={enter.isPending}>
            {t("cardPolicy.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
