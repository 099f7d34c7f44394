import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { SelectField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { type Site, type Sites, useLinkSchedule } from "./queries.ts";

type Schedule = Sites["schedules"][number];

/** Whether people may book here, and from which schedule; the lead chooses one of the own house. */
export function SiteSchedule({ site, schedules }: { site: Site; schedules: readonly Schedule[] }) {
  const t = useText();
  const language = useLanguage();
  const link = useLinkSchedule();
  const [chosen, setChosen] = useState("");
  // A fever clinic's own table and a surge take nobody by appointment.
  if (site.purpose === "fever" || site.purpose === "surge") return null;
  const nameOf = ({ name, place }: Schedule) =>
    `${(language === "en" ? name.en : language === "bo" ? name.bo : null) ?? name.zh} · ${place}`;
  const linked = schedules.find((one) => one.id === site.scheduleId);
  const free = schedules.filter((one) => !one.taken);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    link.mutate({ id: site.id, scheduleId: chosen || free[0]!.id });
  };
  return (
    <section className="stack stack-2">
      {site.scheduleId ? (
        <div className="row spread">
          <span>
            <Status tone="good">{t("sites.schedule.on")}</Status>{" "}
            <span className="muted">{linked ? nameOf(linked) : null}</span>
          </span>
          <Button
            look="quiet"
            busy={link.isPending}
            onClick={() => link.mutate({ id: site.id, scheduleId: null })}
          >
            {t("sites.schedule.unlink")}
          </Button>
        </div>
      ) : (
        <>
          <p>
            <Status tone="quiet">{t("sites.schedule.off")}</Status>
          </p>
          {free.length > 0 ? (
            <form className="site-link" onSubmit={submit}>
              <SelectField
                label={t("sites.schedule.choose")}
                hint={t("sites.schedule.chooseHow")}
                value={chosen || free[0]!.id}
                onChange={(event) => setChosen(event.target.value)}
              >
                {free.map((one) => (
                  <option key={one.id} value={one.id}>
                    {nameOf(one)}
                  </option>
                ))}
              </SelectField>
              <Button type="submit" busy={link.isPending}>
                {t("sites.schedule.link")}
              </Button>
            </form>
          ) : (
            <p className="muted">{t("sites.schedule.ask")}</p>
          )}
        </>
      )}
      <ProblemNotice error={link.error} />
    </section>
  );
}
