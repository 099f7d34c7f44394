import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { plus } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, isoDate } from "../i18n/time.ts";
import { type Surge, type Surges, usePrepare, useSizing } from "./queries.ts";

const sizes = [1, 5, 10, 20] as const;
type Place = { key: number; name: string; place: string; stations: number; priority: number };
const emptyPlace = (key: number): Place => ({
  key,
  name: "",
  place: "",
  stations: 10,
  priority: 1,
});

/** The next full hour, as the field of the browser wants it. */
function nextHour(): string {
  const at = new Date(Date.now() + 3_600_000);
  return `${isoDate(at)}T${String(at.getHours()).padStart(2, "0")}:00`;
}

/** One form for a whole evening; what it will manage is said while it is filled in. */
export function SurgeForm({
  list,
  onDone,
  onCancel,
}: {
  list: Surges;
  onDone: (surge: Surge) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const prepare = usePrepare(onDone);
  const [places, setPlaces] = useState<Place[]>([emptyPlace(0)]);
  const [orderId, setOrderId] = useState(list.orders[0]?.id ?? "");
  const [people, setPeople] = useState(2500);
  const [perHour, setPerHour] = useState(80);
  const [from, setFrom] = useState(nextHour);
  const [hours, setHours] = useState(5);
  const change = (key: number, more: Partial<Place>) =>
    setPlaces(places.map((one) => (one.key === key ? { ...one, ...more } : one)));
  const start = new Date(from);
  const valid = !Number.isNaN(start.getTime()) && hours > 0;
  const stations = places.reduce((sum, one) => sum + one.stations, 0);
  const window = valid
    ? {
        startsAt: start.toISOString(),
        endsAt: new Date(start.getTime() + hours * 3_600_000).toISOString(),
      }
    : null;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!window) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    prepare.mutate({
      title: text("title"),
      orderId: orderId || null,
      order: orderId
        ? null
        : { number: text("number"), issuedOn: isoDate(Date.now()), scope: text("scope") },
      places: places.map(({ key: _, ...one }) => one),
      expectedPeople: people,
      ...window,
      plannedPerHour: perHour,
      poolSize: sizes.find((one) => one === Number(text("pool"))) ?? 10,
      guides: Number(text("guides")) || 0,
      transport: text("transport"),
      feverPlace: text("fever"),
      laboratoryId: text("laboratory"),
    });
  };
  return (
    <form className="surge-card" onSubmit={submit} aria-label={t("surge.new")}>
      <h2>{t("surge.new")}</h2>
      <div className="surge-fields">
        <TextField name="title" label={t("surge.form.title")} maxLength={120} required />
        <SelectField
          label={t("surge.form.order")}
          value={orderId}
          onChange={(event) => setOrderId(event.target.value)}
        >
          {list.orders.map((one) => (
            <option key={one.id} value={one.id}>
              {one.number} {one.title}
            </option>
          ))}
          <option value="">{t("surge.form.orderNew")}</option>
        </SelectField>
        {orderId ? null : (
          <>
            <TextField name="number" label={t("surge.form.orderNumber")} maxLength={60} required />
            <TextArea name="scope" label={t("surge.form.scope")} maxLength={500} required />
          </>
        )}
        <TextField
          type="number"
          min={1}
          max={1_000_000}
          value={people}
          onChange={(event) => setPeople(Number(event.target.value))}
          label={t("surge.form.people")}
          required
        />
        <TextField
          type="datetime-local"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
          label={t("surge.form.from")}
          required
        />
        <TextField
          type="number"
          min={1}
          max={24}
          value={hours}
          onChange={(event) => setHours(Number(event.target.value))}
          label={t("surge.form.hours")}
          required
        />
        <TextField
          type="number"
          min={60}
          max={100}
          value={perHour}
          onChange={(event) => setPerHour(Number(event.target.value))}
          label={t("surge.form.perHour")}
          required
        />
      </div>
      <fieldset className="surge-places">
        <legend>{t("surge.form.places")}</legend>
        {places.map((one) => (
          <div key={one.key} className="surge-place">
            <TextField
              label={t("surge.form.placeName")}
              value={one.name}
              maxLength={80}
              required
              onChange={(event) => change(one.key, { name: event.target.value })}
            />
            <TextField
              label={t("surge.form.place")}
              value={one.place}
              maxLength={200}
              required
              onChange={(event) => change(one.key, { place: event.target.value })}
            />
            <TextField
              type="number"
              min={1}
              max={200}
              label={t("surge.form.stations")}
              value={one.stations}
              required
              onChange={(event) => change(one.key, { stations: Number(event.target.value) })}
            />
            <TextField
              type="number"
              min={0}
              max={Math.max(0, one.stations - 1)}
              label={t("surge.form.priority")}
              value={one.priority}
              required
              onChange={(event) => change(one.key, { priority: Number(event.target.value) })}
            />
            {places.length > 1 ? (
              <Button
                look="quiet"
                onClick={() => setPlaces(places.filter(({ key }) => key !== one.key))}
              >
                {t("surge.form.removePlace")}
              </Button>
            ) : null}
          </div>
        ))}
        <Button
          look="soft"
          icon={plus}
          onClick={() =>
            setPlaces([...places, emptyPlace(1 + Math.max(...places.map(({ key }) => key)))])
          }
        >
          {t("surge.form.addPlace")}
        </Button>
      </fieldset>
      <div className="surge-fields">
        <SelectField name="pool" label={t("surge.form.pool")} defaultValue="10">
          {sizes.map((size) => (
            <option key={size} value={size}>
              {t("surge.form.poolOf", { size })}
            </option>
          ))}
        </SelectField>
        <SelectField name="laboratory" label={t("surge.form.laboratory")}>
          {list.laboratories.map((one) => (
            <option key={one.id} value={one.id}>
              {(language === "en" ? one.name.en : language === "bo" ? one.name.bo : null) ??
                one.name.zh}
            </option>
          ))}
        </SelectField>
        <TextField
          name="guides"
          type="number"
          min={0}
          max={10_000}
          defaultValue={10}
          label={t("surge.form.guides")}
          required
        />
        <TextField
          name="transport"
          label={t("surge.form.transport")}
          hint={t("surge.form.transportHow")}
          maxLength={300}
          required
        />
        <TextField name="fever" label={t("surge.form.fever")} maxLength={200} required />
      </div>
      {window ? (
        <SizingWords
          people={people}
          stations={stations}
          perHour={perHour}
          places={places.length}
          from={window.startsAt}
          until={window.endsAt}
        />
      ) : null}
      <ProblemNotice error={prepare.error} />
      <div className="row">
        <Button type="submit" look="primary" busy={prepare.isPending}>
          {orderId ? t("surge.form.submitOpen") : t("surge.form.submit")}
        </Button>
        <Button onClick={onCancel}>{t("surge.form.cancel")}</Button>
      </div>
    </form>
  );
}

function SizingWords({
  places,
  ...plan
}: {
  people: number;
  stations: number;
  perHour: number;
  places: number;
  from: string;
  until: string;
}) {
  const t = useText();
  const sane =
    plan.people > 0 &&
    plan.stations > 0 &&
    plan.stations <= 500 &&
    plan.perHour >= 60 &&
    plan.perHour <= 100;
  const { data } = useSizing(sane ? plan : null);
  if (!data) return null;
  return (
    <Notice
      tone={data.enough ? "good" : "warn"}
      title={`${t("surge.sizing.title")}：${data.enough ? t("surge.sizing.ok") : t("surge.sizing.notOk")}`}
    >
      <p>
        {data.enough
          ? t("surge.sizing.enough", {
              stations: plan.stations,
              perHour: data.perHour,
              people: plan.people,
              time: clockTime(data.doneAt),
            })
          : t("surge.sizing.short", {
              time: clockTime(plan.until),
              managed: data.managed,
              missing: plan.people - data.managed,
              needed: data.stationsNeeded,
            })}
      </p>
      <p>
        {t("surge.sizing.sites", {
          least: data.sitesAtLeast,
          most: data.sitesAtMost,
          now: places,
        })}
      </p>
    </Notice>
  );
}
