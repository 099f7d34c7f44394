import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Lines } from "./lines.tsx";
import { type Invoice, useAct, useInvoices } from "./queries.ts";
import { stateTone } from "./words.ts";
import { fenOf, yuan } from "./yuan.ts";

/** The house's invoices of the last month, what is still to be paid first. */
export function BillsPart() {
  const t = useText();
  const list = useInvoices();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Card title={t("billing.invoices")}>
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data?.invoices.length === 0 ? (
        <p className="muted">{t("billing.invoicesEmpty")}</p>
      ) : null}
      <ul className="billing-rows">
        {list.data?.invoices.map((one) => (
          <li key={one.id}>
            <div className="row spread wrap">
              <span>
                <strong>{one.patient.name}</strong>{" "}
                <span className="muted figure">
                  {one.number} · {dayTime(one.issuedAt)}
                </span>
              </span>
              <span className="row">
                <strong className="figure">{yuan(one.ownFen)}</strong>
                <Status tone={stateTone[one.state]}>{t(`billing.state.${one.state}`)}</Status>
                <Button look="soft" onClick={() => setOpen(open === one.id ? null : one.id)}>
                  {t(open === one.id ? "billing.hide" : "billing.open")}
                </Button>
              </span>
            </div>
            {open === one.id ? <One one={one} /> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function One({ one }: { one: Invoice }) {
  const t = useText();
  const act = useAct();
  return (
    <div className="stack billing-issue">
      <Lines of={one} />
      <ul className="billing-moves">
        {one.payments.map((paid) => (
          <li key={paid.id} className="row spread wrap">
            <span>
              {t(paid.provider === "cash" ? "billing.cash" : "billing.byProvider", {
                provider: paid.provider,
              })}
              {paid.surplus ? ` · ${t("billing.surplus")}` : ""}
            </span>
            <span>
              <span className="figure">{yuan(paid.amountFen)}</span>{" "}
              {t(`billing.payment.${paid.state}`)}
            </span>
          </li>
        ))}
        {one.refunds.map((back) => (
          <li key={back.id} className="row spread wrap">
            <span>
              {t("billing.refund")} · {t(`billing.reason.${back.reason}`)}
            </span>
            <span className="row">
              <span className="figure">{yuan(-back.amountFen)}</span>
              {t(`billing.refundState.${back.state}`)}
              {back.state === "failed" && back.reason === "surplus" ? (
                <Button
                  look="soft"
                  busy={act.isPending}
                  onClick={() =>
                    act.mutate({ path: `/api/billing/refunds/${back.id}/retry`, body: {} })
                  }
                >
                  {t("billing.retryRefund")}
                </Button>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      {one.cancelReason ? <p className="muted">{one.cancelReason}</p> : null}
      {one.state === "issued" ? <Open one={one} /> : null}
      {one.state === "balanced" && one.ownFen > one.refundedFen ? <Back one={one} /> : null}
      <ProblemNotice error={act.error} />
    </div>
  );
}

/** Still to be paid: cash at the desk, or it was a mistake. */
function Open({ one }: { one: Invoice }) {
  const t = useText();
  const act = useAct();
  const [reason, setReason] = useState<string | null>(null);
  const path = (rest: string) => `/api/billing/invoices/${one.id}/${rest}`;
  return (
    <>
      <div className="row wrap">
        <Button
          look="primary"
          busy={act.isPending}
          onClick={() => act.mutate({ path: path("cash"), body: {} })}
        >
          {t("billing.takeCash", { amount: yuan(one.ownFen) })}
        </Button>
        {reason === null ? (
          <Button look="quiet" onClick={() => setReason("")}>
            {t("billing.cancel")}
          </Button>
        ) : null}
      </div>
      {reason === null ? null : (
        <form
          className="row wrap billing-form"
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate({ path: path("cancel"), body: { reason: reason.trim() } });
          }}
        >
          <TextField
            label={t("billing.cancelReason")}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" busy={act.isPending} disabled={!reason.trim()}>
            {t("billing.cancelNow")}
          </Button>
        </form>
      )}
      <ProblemNotice error={act.error} />
    </>
  );
}

const reasons = ["not-rendered", "wrong-item", "medicine-returned", "goodwill"] as const;

function Back({ one }: { one: Invoice }) {
  const t = useText();
  const act = useAct(() => setTyped(null));
  const [typed, setTyped] = useState<string | null>(null);
  const [reason, setReason] = useState<(typeof reasons)[number]>("medicine-returned");
  const left = one.ownFen - one.refundedFen;
  const amountFen = typed === null ? null : fenOf(typed);
  const isWrong = typed !== null && typed !== "" && (amountFen === null || amountFen > left);
  if (typed === null)
    return (
      <div>
        <Button look="soft" onClick={() => setTyped("")}>
          {t("billing.giveBack")}
        </Button>
      </div>
    );
  return (
    <form
      className="row wrap billing-form"
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({
          path: `/api/billing/invoices/${one.id}/refunds`,
          body: { amountFen, reason },
        });
      }}
    >
      <TextField
        label={t("billing.amount")}
        hint={t("billing.atMost", { amount: yuan(left) })}
        error={isWrong ? t("billing.noAmount", { amount: yuan(left) }) : undefined}
        inputMode="decimal"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <SelectField
        label={t("billing.why")}
        value={reason}
        onChange={(event) =>
          setReason(reasons.find((known) => known === event.target.value) ?? reason)
        }
      >
        {reasons.map((value) => (
          <option key={value} value={value}>
            {t(`billing.reason.${value}`)}
          </option>
        ))}
      </SelectField>
      <Button type="submit" busy={act.isPending} disabled={!amountFen || isWrong}>
        {t("billing.giveBackNow")}
      </Button>
      <ProblemNotice error={act.error} />
    </form>
  );
}
