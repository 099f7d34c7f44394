import { Status } from "../../design/components/status.tsx";
import { offline } from "../../design/icons.ts";
import { ear, people, thinLine } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime } from "../../i18n/time.ts";
import type { Lecture } from "../lecture.ts";

/** How it arrives, in one row: so many places and people, where the line is thin, who could not hear. */
export function HealthStrip({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { audience } = lecture.room;
  if (!audience) return null;
  const thin = audience.lines.thin;
  return (
    <span className="row health">
      <Status tone="quiet" icon={people}>
        {t("lecture.health.count", { sites: audience.sites, people: audience.people })}
      </Status>
      {thin > 0 ? (
        <Status tone="warn" icon={thinLine}>
          {t("lecture.health.thin", { count: thin })}
        </Status>
      ) : null}
      {audience.unheard > 0 ? (
        <Status tone="bad" icon={ear}>
          {t("lecture.health.unheard", { count: audience.unheard })}
        </Status>
      ) : null}
    </span>
  );
}

/** Place by place, where there is trouble. */
export function Health({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { room, live } = lecture;
  const { audience } = room;
  if (!audience) return <p className="muted">{t("lecture.health.none")}</p>;
  return (
    <div className="stack">
      <dl className="health-figures">
        <div>
          <dt>{t("lecture.health.sites")}</dt>
          <dd className="figure">{audience.sites}</dd>
        </div>
        <div>
          <dt>{t("lecture.health.people")}</dt>
          <dd className="figure">{audience.people}</dd>
        </div>
      </dl>
      <ul className="health-ways" aria-label={t("lecture.ways.title")}>
        {(["full", "slides-and-sound", "sound-only"] as const).map((way) => (
          <li key={way} className="row spread">
            <span>{t(`lecture.way.${way}`)}</span>
            <span className="figure strong">{audience.ways[way]}</span>
          </li>
        ))}
      </ul>
      <h3>{t("lecture.health.trouble")}</h3>
      {audience.worst.every((site) => site.thin + site.gone + site.unheard === 0) ? (
        <p className="muted">{t("lecture.health.noTrouble")}</p>
      ) : (
        <ul className="health-sites">
          {audience.worst
            .filter((site) => site.thin + site.gone + site.unheard > 0)
            .map((site) => (
              <li key={site.org}>
                <span className="grow">
                  {site.org}{" "}
                  <span className="muted small">
                    {t("lecture.health.of", { count: site.people })}
                  </span>
                </span>
                {site.unheard > 0 ? (
                  <Status tone="bad" icon={ear}>
                    {t("lecture.health.unheard", { count: site.unheard })}
                  </Status>
                ) : null}
                {site.thin > 0 ? (
                  <Status tone="warn" icon={thinLine}>
                    {t("lecture.health.thin", { count: site.thin })}
                  </Status>
                ) : null}
                {site.gone > 0 ? (
                  <Status tone="bad" icon={offline}>
                    {t("lecture.health.gone", { count: site.gone })}
                  </Status>
                ) : null}
              </li>
            ))}
        </ul>
      )}
      {live.cannotHear.length > 0 ? (
        <>
          <h3>{t("lecture.health.said")}</h3>
          <ul className="health-sites">
            {live.cannotHear.toReversed().map((one) => (
              <li key={`${one.at}${one.by?.id}`}>
                <span className="grow">
                  {one.by?.name} <span className="muted small">{one.by?.org}</span>
                </span>
                <span className="muted small">{clockTime(one.at)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}
