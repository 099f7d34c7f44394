import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { type Ledger, useAct, useLedger } from "./queries.ts";
import { yuan } from "./yuan.ts";

type Day = Ledger["days"][number];

/** What the accounts come to, and each day beside the provider's statement. */
export function DaysPart() {
  const t = useText();
  const ledger = useLedger();
  if (ledger.isPending) return <Skeleton lines={6} />;
  if (!ledger.data)
    return <ProblemNotice error={ledger.error} retry={() => void ledger.refetch()} />;
  const { balances, days } = ledger.data;
  return (
    <>
      <Card title={t("billing.balances")}>
        <dl className="billing-balances">
          {balances.map((one) => (
            <div key={one.account}>
              <dt>{t(`billing.account.${one.account}`)}</dt>
              {/* Income and what is owed stand on the other side: they read as plain amounts. */}
              <dd className="figure">
                {yuan(/^(income|refunds)/.test(one.account) ? -one.fen : one.fen)}
              </dd>
            </div>
          ))}
        </dl>
        {balances.length === 0 ? <p className="muted">{t("billing.balancesEmpty")}</p> : null}
      </Card>
      <Card title={t("billing.days")}>
        {days.length === 0 ? <p className="muted">{t("billing.daysEmpty")}</p> : null}
        <ul className="billing-rows">
          {days.map((one) => (
            <li key={one.id} className="stack">
              <div className="row spread wrap">
                <span>
                  <strong className="figure">{one.day}</strong>{" "}
                  <span className="muted">{one.provider}</span>
                </span>
                <span>{t("billing.dayOurs", { count: one.ours, amount: yuan(one.oursFen) })}</span>
                <span>
                  {t("billing.dayTheirs", { count: one.theirs, amount: yuan(one.theirsFen) })}
                </span>
                {one.differences.every((found) => found.clearedAt) ? (
                  <Status tone="good">{t("billing.dayAgrees")}</Status>
                ) : (
                  <Status tone="bad">
                    {t("billing.dayDiffers", {
                      count: one.differences.filter((found) => !found.clearedAt).length,
                    })}
                  </Status>
                )}
              </div>
              {one.differences.map((found) => (
                <Difference key={found.movementId + found.kind} day={one} found={found} />
              ))}
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function Difference({ day, found }: { day: Day; found: Day["differences"][number] }) {
  const t = useText();
  const act = useAct();
  const [note, setNote] = useState("");
  return (
    <div className="billing-issue stack">
      <p>
        {t(`billing.difference.${found.kind}`)}{" "}
        <span className="figure">
          {found.oursFen === null ? "—" : yuan(found.oursFen)} /{" "}
          {found.theirsFen === null ? "—" : yuan(found.theirsFen)}
        </span>{" "}
        <span className="muted small figure">{found.movementId}</span>
      </p>
      {found.clearedAt ? (
        <p className="muted">{t("billing.cleared", { note: found.clearedNote ?? "" })}</p>
      ) : (
        <form
          className="row wrap billing-form"
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate({
              path: "/api/billing/differences",
              body: {
                reconciliationId: day.id,
                movementId: found.movementId,
                note: note.trim(),
              },
            });
          }}
        >
          <TextField
            label={t("billing.clearNote")}
            maxLength={300}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button type="submit" busy={act.isPending} disabled={!note.trim()}>
            {t("billing.clear")}
          </Button>
        </form>
      )}
      <ProblemNotice error={act.error} />
    </div>
  );
}
