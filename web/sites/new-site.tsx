import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { type Sites, useCreateSite, useOrders, useWhereabouts } from "./queries.ts";

const sizes = [1, 5, 10, 20] as const;
const purposes = ["voluntary", "in-outpatient", "fever", "emergency", "surge"] as const;
/** People that a site of the usual size serves (domain.md: 2,000–3,000). */
const usualPopulation = 2500;

/** A new place with its stations; a surge names the order that two persons signed. */
export function NewSite({
  laboratories,
  onDone,
}: {
  laboratories: Sites["laboratories"];
  onDone: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const orders = useOrders();
  const where = useWhereabouts();
  const inLanguage = (name: { zh: string; en: string | null; bo: string | null }) =>
    (language === "en" ? name.en : language === "bo" ? name.bo : null) ?? name.zh;
  const create = useCreateSite(onDone);
  const [purpose, setPurpose] = useState<(typeof purposes)[number]>("voluntary");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const hours = Number(text("hours"));
    create.mutate({
      name: text("name"),
      place: text("place"),
      feverPlace: text("fever"),
      purpose,
      poolSize: (sizes.find((one) => one === Number(text("pool"))) ?? 10) as 10,
      laboratoryId: text("laboratory"),
      opensAt: new Date().toISOString(),
      closesAt: hours > 0 ? new Date(Date.now() + hours * 3_600_000).toISOString() : null,
      population: Number(text("population")) || null,
      orderId: text("order") || null,
      stations: Number(text("stations")) || 1,
      whereabouts: text("whereabouts") || null,
    });
  };
  return (
    <form className="site-card" onSubmit={submit}>
      <h2>{t("sites.new")}</h2>
      <div className="site-form">
        <TextField name="name" label={t("sites.name")} maxLength={80} required />
        <TextField name="place" label={t("sites.place")} maxLength={200} required />
        <SelectField
          name="whereabouts"
          label={t("sites.whereabouts")}
          hint={t("sites.whereaboutsHow")}
        >
          <option value="">{t("sites.whereaboutsHere")}</option>
          {where.data?.places.map((one) => (
            <option key={one.id} value={one.id}>
              {inLanguage(one.area)} · {inLanguage(one.name)}
            </option>
          ))}
        </SelectField>
        <TextField name="fever" label={t("sites.feverPlace")} maxLength={200} required />
        <SelectField
          label={t("sites.purposeLabel")}
          value={purpose}
          onChange={(event) => setPurpose(event.target.value as (typeof purposes)[number])}
        >
          {purposes.map((value) => (
            <option key={value} value={value}>
              {t(`sites.purpose.${value}`)}
            </option>
          ))}
        </SelectField>
        {purpose === "surge" ? (
          <SelectField name="order" label={t("sites.orderLabel")} required>
            <option value="">{t("sites.orderNone")}</option>
            {orders.data?.orders.map((one) => (
              <option key={one.id} value={one.id}>
                {one.number} {one.title}
              </option>
            ))}
          </SelectField>
        ) : null}
        <SelectField name="pool" label={t("sites.poolLabel")} defaultValue="10">
          {sizes.map((value) => (
            <option key={value} value={value}>
              {t("sites.pool", { size: value })}
            </option>
          ))}
        </SelectField>
        <SelectField name="laboratory" label={t("sites.laboratory")}>
          {laboratories.map((one) => (
            <option key={one.id} value={one.id}>
              {(language === "en" ? one.name.en : null) ?? one.name.zh}
            </option>
          ))}
        </SelectField>
        <TextField
          name="stations"
          type="number"
          min={1}
          max={100}
          defaultValue={4}
          label={t("sites.stationsLabel")}
          required
        />
        <TextField
          name="population"
          type="number"
          min={1}
          defaultValue={usualPopulation}
          label={t("sites.population")}
          hint={t("sites.populationHow")}
        />
        <TextField
          name="hours"
          type="number"
          min={0}
          max={720}
          defaultValue={0}
          label={t("sites.hours")}
          hint={t("sites.hoursHow")}
        />
      </div>
      <ProblemNotice error={create.error} />
      <div className="row">
        <Button type="submit" look="primary" busy={create.isPending}>
          {t("sites.create")}
        </Button>
        <Button onClick={onDone}>{t("sites.cancel")}</Button>
      </div>
    </form>
  );
}
