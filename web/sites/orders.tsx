import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate, shortTime } from "../i18n/time.ts";
import { type Order, useConfirmOrder, useCreateOrder, useOrders } from "./queries.ts";

/** Orders of surges: dated, by one person, confirmed by a second. */
export function Orders() {
  const t = useText();
  const orders = useOrders();
  const [writing, setWriting] = useState(false);
  return (
    <section className="site-card">
      <header className="row spread">
        <h2>{t("sites.orders")}</h2>
        <Button icon={plus} aria-expanded={writing} onClick={() => setWriting(!writing)}>
          {t("sites.newOrder")}
        </Button>
      </header>
      <p className="muted">{t("sites.ordersHow")}</p>
      <ProblemNotice error={orders.error} />
      {writing ? <NewOrder onDone={() => setWriting(false)} /> : null}
      <ul className="stack stack-2">
        {orders.data?.orders.map((order) => (
          <li key={order.id}>
            <OrderRow order={order} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function OrderRow({ order }: { order: Order }) {
  const t = useText();
  const confirm = useConfirmOrder();
  return (
    <div className="row spread">
      <span>
        <strong>{order.title}</strong> <span className="muted">{order.number}</span>
        <br />
        <span className="muted small">
          {order.scope} · {shortTime(order.startsAt)} ·{" "}
          {t("sites.orderBy", { name: order.authorisedBy })}
        </span>
        <ProblemNotice error={confirm.error} />
      </span>
      {order.confirmedBy ? (
        <Status tone="good">{t("sites.orderConfirmed", { name: order.confirmedBy })}</Status>
      ) : order.mayConfirm ? (
        <Button look="primary" busy={confirm.isPending} onClick={() => confirm.mutate(order.id)}>
          {t("sites.confirmOrder")}
        </Button>
      ) : (
        <Status tone="warn">{t("sites.orderWaits")}</Status>
      )}
    </div>
  );
}

function NewOrder({ onDone }: { onDone: () => void }) {
  const t = useText();
  const create = useCreateOrder(onDone);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    create.mutate({
      number: text("number"),
      title: text("title"),
      purpose: "surge",
      issuedOn: isoDate(Date.now()),
      startsAt: new Date().toISOString(),
      endsAt: null,
      scope: text("scope"),
      guides: Number(text("guides")) || 0,
      transport: text("transport"),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="site-form">
        <TextField name="number" label={t("sites.orderNumber")} maxLength={60} required />
        <TextField name="title" label={t("sites.orderTitle")} maxLength={120} required />
        <TextArea name="scope" label={t("sites.orderScope")} maxLength={500} required />
        <TextField name="guides" type="number" min={0} defaultValue={0} label={t("sites.guides")} />
        <TextField name="transport" label={t("sites.transport")} maxLength={300} />
      </div>
      <ProblemNotice error={create.error} />
      <Button type="submit" look="primary" busy={create.isPending}>
        {t("sites.writeOrder")}
      </Button>
    </form>
  );
}
