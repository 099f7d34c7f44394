import { useQueries } from "@tanstack/react-query";
import { Link } from "wouter";
import type { z } from "zod";
import type { invoiceList, payAnswer } from "../../../server/billing/contract.ts";
import { api } from "../../api/client.ts";
import { useSession } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import { nameOf } from "../../billing/names.ts";
import { yuan } from "../../billing/yuan.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { file, left, retry } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { ReadAloud } from "../read-aloud.tsx";
import "../../design/components/card.css";
import "./bills.css";

type Answer = z.infer<typeof invoiceList>;
type Bill = Answer["invoices"][number];

/** My bills: what it cost, what the insurance takes over, and a button to pay the rest. */
export function BillPages() {
  const t = useText();
  const session = useSession();
  const people = session.data?.kind === "patient" ? session.data.patients : [];
  const lists = useQueries({
    queries: people.map((one) => ({
      queryKey: ["my", "invoices", one.id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get<Answer>(`/api/my/invoices/${one.id}`, signal),
    })),
  });
  const failed = lists.find((one) => one.isError);
  const waits = lists.some((one) => one.isPending && one.fetchStatus !== "paused");
  const bills = lists
    .flatMap((one) => one.data?.invoices ?? [])
    .toSorted((one, other) => other.issuedAt.localeCompare(one.issuedAt));
  const providers = lists.flatMap((one) => one.data?.providers ?? []);
  const again = () => {
    for (const one of lists) void one.refetch();
  };
  return (
    <main id="main" className="phone-page">
      <Link href="/records" className={buttonClass("quiet", { className: "no-print align-start" })}>
        <Icon path={left} />
        <span>{t("patient.bills.back")}</span>
      </Link>
      <h1>{t("patient.bills.title")}</h1>
      {waits ? <Skeleton lines={5} /> : null}
      {failed ? <ProblemNotice error={failed.error} retry={again} /> : null}
      {!waits && !failed && bills.length === 0 ? (
        <Empty icon={file} title={t("patient.bills.empty")}>
          {t("patient.bills.emptyHow")}
        </Empty>
      ) : null}
      {bills.map((one) => (
        <One
          key={one.id}
          one={one}
          several={people.length > 1}
          provider={providers[0] ?? null}
          again={again}
        />
      ))}
    </main>
  );
}

function One({
  one,
  several,
  provider,
  again,
}: {
  one: Bill;
  several: boolean;
  provider: string | null;
  again: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const isPending = one.payments.some((paid) => paid.state === "pending");
  const backs = one.refunds.filter((back) => back.state !== "failed");
  const state = t(`patient.bills.state.${one.state}`);
  return (
    <section className="card my-bill" aria-label={`${one.house} ${dayTime(one.issuedAt)}`}>
      <div className="row spread wrap">
        <strong>{several ? one.patient.name : one.house}</strong>
        <Status
          tone={one.state === "balanced" ? "good" : one.state === "issued" ? "warn" : "quiet"}
        >
          {state}
        </Status>
      </div>
      <p className="muted">
        {several ? `${one.house} · ` : ""}
        {dayTime(one.issuedAt)} · <span className="figure">{one.number}</span>
      </p>
      <p className="my-bill-own figure">{yuan(one.ownFen)}</p>
      <p className="muted">
        {t("patient.bills.split", {
          total: yuan(one.totalFen),
          insurance: yuan(one.insuranceFen),
        })}
      </p>
      <ul>
        {one.lines.map((line) => (
          <li key={line.code} className="row spread">
            <span>
              {nameOf(line.name, language)}
              {line.quantity === 1 ? "" : ` × ${line.quantity}`}
            </span>
            <span className="figure">{yuan(line.totalFen)}</span>
          </li>
        ))}
      </ul>
      {backs.map((back) => (
        <p key={back.id}>
          {t(back.state === "succeeded" ? "patient.bills.back.done" : "patient.bills.back.way", {
            amount: yuan(back.amountFen),
          })}
        </p>
      ))}
      {one.state === "issued" ? (
        <Pay one={one} provider={provider} isPending={isPending} again={again} />
      ) : null}
      <ReadAloud
        text={[
          one.house,
          t("patient.bills.read", { amount: yuan(one.ownFen) }),
          state,
          ...one.lines.map((line) => nameOf(line.name, language)),
        ].join(". ")}
      />
    </section>
  );
}

function Pay({
  one,
  provider,
  isPending,
  again,
}: {
  one: Bill;
  provider: string | null;
  isPending: boolean;
  again: () => void;
}) {
  const t = useText();
  const pay = useWrite(
    (asked: string, key) =>
      api.post<z.infer<typeof payAnswer>>(
        `/api/my/invoices/${one.id}/pay`,
        { provider: asked },
        key,
      ),
    {
      onDone: ({ payUrl }) => {
        if (payUrl) location.assign(payUrl);
      },
    },
  );
  return (
    <>
      {isPending ? (
        <Notice tone="info" title={t("patient.bills.pending")}>
          <p>{t("patient.bills.pendingHow")}</p>
          <Button icon={retry} onClick={again}>
            {t("patient.bills.look")}
          </Button>
        </Notice>
      ) : null}
      {provider ? (
        <Button look="primary" wide busy={pay.isPending} onClick={() => pay.mutate(provider)}>
          {t("patient.bills.pay", { amount: yuan(one.ownFen) })}
        </Button>
      ) : null}
      <p className="muted">
        {t(one.payLater ? "patient.bills.later" : "patient.bills.desk", {
          day: dayTime(one.dueAt),
        })}
      </p>
      <ProblemNotice error={pay.error} />
    </>
  );
}
