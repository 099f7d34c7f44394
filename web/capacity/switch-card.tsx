import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { type Switch, type Switches, useResolve, useSign, useSwitchStep } from "./queries.ts";
import { useWhere, Where } from "./where.tsx";
import { inWords, switchTone } from "./words.ts";

/** One order: how far it is, what is to be done now, and by whom. */
export function SwitchCard({
  order,
  units,
  leads,
}: {
  order: Switch;
  units: Switches["units"];
  leads: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const step = useSwitchStep(order.id);
  const [withdrawing, setWithdrawing] = useState(false);
  const [reason, setReason] = useState("");
  const { version, state } = order;
  const name = `${inWords(order.department, language)} · ${inWords(order.unit, language)}`;
  const may = {
    cancel: ["ordered", "confirmed", "clearing"].includes(state),
    signed: order.beds.every((one) => one.disinfectedAt !== null),
  };
  return (
    <section className="capacity-unit" aria-label={`${order.orderNumber} ${name}`}>
      <header className="row spread">
        <div>
          <h2>{name}</h2>
          <p>
            <span className="strong">{order.orderNumber}</span> {order.reason}
          </p>
          <p className="muted small">
            {t("capacity.switch.orderedBy", {
              name: order.orderedBy,
              time: dayTime(order.orderedAt),
            })}
            {order.confirmedBy && order.confirmedAt
              ? ` · ${t("capacity.switch.confirmedBy", { name: order.confirmedBy, time: dayTime(order.confirmedAt) })}`
              : ` · ${t("capacity.switch.planned", { time: dayTime(order.plannedAt) })}`}
            {order.cancelReason ? ` · ${order.cancelReason}` : ""}
          </p>
        </div>
        <Status tone={switchTone[state]}>{t(`capacity.switch.state.${state}`)}</Status>
      </header>
      {state === "ordered" && order.own && leads ? (
        <Notice tone="info" live={false} title={t("capacity.switch.needSecond")} />
      ) : null}
      {["ordered", "confirmed", "clearing"].includes(state) ? (
        <Lines order={order} units={units} />
      ) : null}
      {state === "disinfecting" ? <Signatures order={order} /> : null}
      {leads ? (
        <div className="row">
          {state === "ordered" && !order.own ? (
            <Button
              look="primary"
              busy={step.isPending}
              onClick={() => step.mutate({ step: "confirm", version })}
            >
              {t("capacity.switch.confirm")}
            </Button>
          ) : null}
          {state === "confirmed" && Date.parse(order.plannedAt) <= Date.now() ? (
            <Button
              look="primary"
              busy={step.isPending}
              onClick={() => step.mutate({ step: "execute", version })}
            >
              {t("capacity.switch.execute")}
            </Button>
          ) : null}
          {state === "emergency" ? (
            <Button
              look="primary"
              busy={step.isPending}
              onClick={() => step.mutate({ step: "end", version })}
            >
              {t("capacity.switch.end")}
            </Button>
          ) : null}
          {state === "disinfecting" ? (
            <Button
              look={may.signed ? "primary" : "plain"}
              busy={step.isPending}
              onClick={() => step.mutate({ step: "return", version })}
            >
              {t("capacity.switch.return")}
            </Button>
          ) : null}
          {may.cancel && !withdrawing ? (
            <Button look="quiet" onClick={() => setWithdrawing(true)}>
              {t("capacity.switch.cancel")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {withdrawing && may.cancel ? (
        <form
          className="capacity-form"
          onSubmit={(event) => {
            event.preventDefault();
            step.mutate({ step: "cancel", version, reason: reason.trim() });
          }}
        >
          <TextField
            label={t("capacity.switch.cancelReason")}
            required
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" look="danger" busy={step.isPending}>
            {t("capacity.switch.cancel")}
          </Button>
          <Button look="quiet" onClick={() => setWithdrawing(false)}>
            {t("common.cancel")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={step.error} />
    </section>
  );
}

/** Everybody who has to leave; while the unit is emptied each is ticked off with where he went. */
function Lines({ order, units }: { order: Switch; units: Switches["units"] }) {
  const t = useText();
  const language = useLanguage();
  const resolve = useResolve();
  const where = useWhere(
    order.transfers.map((one) => [
      one.id,
      {
        destination: one.destination ?? "home",
        toUnitId: one.toUnitId,
        toName: one.toName,
      },
    ]),
  );
  const goals = units.filter(
    (one) => one.id !== order.unitId && one.mode === "peace" && one.free > 0,
  );
  if (order.transfers.length === 0) return null;
  return (
    <ul className="capacity-lines" aria-label={t("capacity.switch.patients")}>
      {order.transfers.map((one) => (
        <li key={one.id} className="capacity-form">
          <span className="capacity-row-name">
            <strong>{t("capacity.bed", { label: one.bed })}</strong> {one.patient?.name}{" "}
            {one.resolvedAt ? (
              <Status tone="good">
                {t("capacity.switch.resolved", { time: dayTime(one.resolvedAt) })}
              </Status>
            ) : order.state === "clearing" ? null : (
              <span className="muted">
                {one.destination === "unit" && one.toUnit
                  ? t("capacity.switch.to.unit", { unit: inWords(one.toUnit, language) })
                  : one.destination === "other-hospital"
                    ? t("capacity.switch.to.hospital", { name: one.toName ?? "" })
                    : t("capacity.switch.to.home")}
              </span>
            )}
          </span>
          {order.state === "clearing" && !one.resolvedAt ? (
            <>
              <Where
                label={t("capacity.switch.whereOf", {
                  bed: one.bed,
                  name: one.patient?.name ?? "",
                })}
                value={where.of(one.id)}
                units={goals}
                hospitals={[]}
                onChange={(value) => where.set(one.id, value)}
              />
              <Button
                look="soft"
                busy={resolve.isPending && resolve.variables?.id === one.id}
                onClick={() => resolve.mutate({ id: one.id, ...where.of(one.id) })}
              >
                {t("capacity.switch.resolve")}
                <span className="visually-hidden"> {one.patient?.name}</span>
              </Button>
            </>
          ) : null}
        </li>
      ))}
      <li>
        <ProblemNotice error={resolve.error} />
      </li>
    </ul>
  );
}

/** Bed by bed, by name and time; without the last one nothing goes back. */
function Signatures({ order }: { order: Switch }) {
  const t = useText();
  const sign = useSign(order.id);
  const [method, setMethod] = useState<string | null>(null);
  const words = method ?? t("capacity.switch.methodUsual");
  const left = order.beds.filter((one) => one.disinfectedAt === null);
  return (
    <div className="stack">
      {left.length > 0 ? (
        <>
          <div>
            <Status tone="warn">{t("capacity.switch.left", { count: left.length })}</Status>
          </div>
          <TextField
            label={t("capacity.switch.method")}
            required
            maxLength={120}
            value={words}
            onChange={(event) => setMethod(event.target.value)}
          />
        </>
      ) : null}
      <div className="row">
        {left.map((one) => (
          <Button
            key={one.id}
            look="soft"
            busy={sign.isPending && sign.variables?.bedId === one.id}
            onClick={() => sign.mutate({ bedId: one.id, method: words.trim() })}
          >
            {t("capacity.switch.sign", { bed: one.label })}
          </Button>
        ))}
      </div>
      <ul className="capacity-lines">
        {order.beds
          .filter((one) => one.disinfectedAt !== null)
          .map((one) => (
            <li key={one.id}>
              <Status tone="good">
                {t("capacity.switch.signed", {
                  bed: one.label,
                  name: one.disinfectedBy ?? "",
                  time: dayTime(one.disinfectedAt!),
                })}
              </Status>{" "}
              <span className="muted small">{one.method}</span>
            </li>
          ))}
      </ul>
      <ProblemNotice error={sign.error} />
    </div>
  );
}
