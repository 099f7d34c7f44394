import { type FormEvent, useState } from "react";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { home } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Cut, listPage } from "../workbench/cut.tsx";
import { CapacityFrame } from "./frame.tsx";
import { Policy } from "./policy.tsx";
import { type Preview, type Switches, useOrder, usePreview, useSwitches } from "./queries.ts";
import { SwitchCard } from "./switch-card.tsx";
import { useWhere, Where } from "./where.tsx";
import { inWords, modeTone } from "./words.ts";

/** Orders of the house: made, confirmed by somebody else, carried out line by line, and taken back after disinfection. */
export function SwitchPage({ session }: { session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const [most, setMost] = useState(listPage);
  const list = useSwitches(most);
  const leads = session.permissions.includes("capacity.switch");
  return (
    <CapacityFrame
      session={session}
      title={t("capacity.switch.title")}
      how={t("capacity.switch.how")}
    >
      {list.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data ? (
        <>
          <ul className="capacity-modes">
            {list.data.units.map((one) => (
              <li key={one.id}>
                <span>
                  {inWords(one.department, language)} · {inWords(one.name, language)}
                </span>
                <Status tone={modeTone[one.mode]}>{t(`capacity.mode.${one.mode}`)}</Status>
              </li>
            ))}
          </ul>
          {list.data.switches.length === 0 ? (
            <Empty icon={home} title={t("capacity.switch.none")}>
              {t("capacity.switch.noneHow")}
            </Empty>
          ) : null}
          {list.data.switches.map((one) => (
            <SwitchCard key={one.id} order={one} units={list.data.units} leads={leads} />
          ))}
          <Cut
            shown={list.data.switches.length}
            total={list.data.total}
            most={most}
            onMost={setMost}
          />
          {leads ? <NewOrder list={list.data} /> : null}
          {leads ? <Policy /> : null}
        </>
      ) : null}
    </CapacityFrame>
  );
}

function NewOrder({ list }: { list: Switches }) {
  const t = useText();
  const language = useLanguage();
  const [unitId, setUnit] = useState("");
  const preview = usePreview(unitId);
  const open = list.switches.filter((one) => !["ended", "cancelled"].includes(one.state));
  const units = list.units.filter(
    (one) => one.mode === "peace" && !open.some((order) => order.unitId === one.id),
  );
  return (
    <Card title={t("capacity.switch.new")}>
      <div className="stack">
        <SelectField
          label={t("capacity.switch.unit")}
          value={unitId}
          onChange={(event) => setUnit(event.target.value)}
        >
          <option value="">{t("capacity.absence.choose")}</option>
          {units.map((one) => (
            <option key={one.id} value={one.id}>
              {inWords(one.department, language)} · {inWords(one.name, language)}
            </option>
          ))}
        </SelectField>
        {unitId !== "" && preview.isPending ? <Skeleton lines={4} /> : null}
        <ProblemNotice error={preview.error} retry={() => void preview.refetch()} />
        {unitId !== "" && preview.data ? (
          <Order key={unitId} preview={preview.data} onDone={() => setUnit("")} />
        ) : null}
      </div>
    </Card>
  );
}

/** Who has to leave and where to, what is given back; then number and reason. */
function Order({ preview, onDone }: { preview: Preview; onDone: () => void }) {
  const t = useText();
  const language = useLanguage();
  const order = useOrder(onDone);
  const where = useWhere(preview.patients.map((one) => [one.stayId, one.suggestion]));
  const [orderNumber, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const [planned, setPlanned] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    order.mutate({
      unitId: preview.unitId,
      orderNumber: orderNumber.trim(),
      reason: reason.trim(),
      plannedAt: planned === "" ? null : new Date(planned).toISOString(),
      transfers: preview.patients.map((one) => ({ stayId: one.stayId, ...where.of(one.stayId) })),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h3>{t("capacity.switch.patients")}</h3>
      {preview.patients.length === 0 ? <p>{t("capacity.switch.nobody")}</p> : null}
      <ul className="capacity-lines">
        {preview.patients.map((one) => (
          <li key={one.stayId} className="capacity-form">
            <span className="capacity-row-name">
              <strong>{t("capacity.bed", { label: one.bed })}</strong> {one.patient?.name}{" "}
              <span className="muted small">
                {t("capacity.stay.since", { time: dayTime(one.since) })}
              </span>
            </span>
            <Where
              label={t("capacity.switch.whereOf", {
                bed: one.bed,
                name: one.patient?.name ?? "",
              })}
              value={where.of(one.stayId)}
              units={preview.units}
              hospitals={preview.hospitals}
              onChange={(value) => where.set(one.stayId, value)}
            />
          </li>
        ))}
      </ul>
      <h3>{t("capacity.switch.holds")}</h3>
      {preview.holds.length === 0 ? <p>{t("capacity.switch.noHolds")}</p> : null}
      <ul className="capacity-lines">
        {preview.holds.map((one) => (
          <li key={one.id}>
            {t("capacity.bed", { label: one.bed })} ·{" "}
            {t("capacity.hold.by", { holder: inWords(one.heldBy, language) })} ·{" "}
            {t(`capacity.hold.for.${one.purpose}`)} · {dayTime(one.until)}
          </li>
        ))}
      </ul>
      {preview.appointments > 0 ? (
        <Notice
          tone="warn"
          live={false}
          title={t("capacity.switch.appointments", { count: preview.appointments })}
        />
      ) : null}
      <div className="capacity-form">
        <TextField
          label={t("capacity.switch.orderNumber")}
          required
          maxLength={40}
          value={orderNumber}
          onChange={(event) => setNumber(event.target.value)}
        />
        <TextField
          label={t("capacity.switch.reason")}
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <TextField
          label={t("capacity.switch.plannedAt")}
          type="datetime-local"
          value={planned}
          onChange={(event) => setPlanned(event.target.value)}
        />
        <Button type="submit" look="primary" busy={order.isPending}>
          {t("capacity.switch.order")}
        </Button>
      </div>
      <ProblemNotice error={order.error} />
    </form>
  );
}
