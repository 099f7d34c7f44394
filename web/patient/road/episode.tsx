import { Link } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { Status } from "../../design/components/status.tsx";
import { clock, phone, warning } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { useMyAppointments } from "../my-appointments.ts";
import type { RoadEpisode } from "../my-road.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { RoadActions } from "./actions.tsx";
import { AfterHome, comeBackWords } from "./after-home.tsx";
import { Agree } from "./agree.tsx";
import { useAppointmentAt } from "./home-road.tsx";
import { Steps } from "./steps.tsx";
import { isLate, type RoadWords, useRoadWords, valuesOf } from "./words.ts";

type Props = {
  episode: RoadEpisode;
  session: PatientView | null;
  several: boolean;
  /** Read without a line: nothing can be done now, so nothing is offered. */
  readOnly: boolean;
};

/** One episode: the place where somebody is stands largest, the past is a quiet line below. */
export function EpisodeRoad({ episode, session, several, readOnly }: Props) {
  const t = useText();
  const nameOf = useNameOf();
  const language = useLanguage();
  const appointmentAt = useAppointmentAt(episode);
  const words = useRoadWords()(episode, { appointmentAt });
  if (!words) return null;
  const { lead } = words;
  const asked = readOnly ? [] : episode.referrals.filter((one) => one.actions.includes("agree"));
  const name =
    (language === "bo" ? episode.patient.fullNameBo : null) ??
    episode.patient.fullName ??
    episode.patient.fullNameBo ??
    "";
  const title = several ? t("patient.road.titleOf", { name }) : null;
  const bring = bringOf(words);
  const mayGoNow = lead.urgency === "emergency" && lead.actions.includes("setOff");
  const aloud = [
    title ?? t("patient.road.title"),
    words.now,
    words.next,
    lead.answer
      ? `${t("patient.road.answer", valuesOf(episode, lead, nameOf))} ${lead.answer}`
      : "",
    ...bring.map((item) => t(`patient.road.bring.${item}`)),
    ...comeBackWords(episode, t),
  ]
    .filter(Boolean)
    .join("。");
  return (
    <article className="road" aria-label={title ?? t("patient.road.title")}>
      {title ? <h1 className="road-title">{title}</h1> : null}
      <section className="next-card road-now" aria-live="polite">
        <div className="next-body">
          <div className="row spread">
            <span className="muted">{t("patient.road.whereNow")}</span>
            <Status tone={words.tone}>{words.status}</Status>
          </div>
          <h2 className="road-where">{words.now}</h2>
          {episode.complaint ? (
            <p className="muted">{t("patient.road.about", { complaint: episode.complaint })}</p>
          ) : null}
          <div className="next-say road-next">
            <Icon path={clock} />
            <div>
              <p className="strong">{t("patient.road.nextTitle")}</p>
              <p>{words.next}</p>
            </div>
          </div>
          {lead.answer && lead.to ? (
            <blockquote className="road-answer">
              <p className="muted">{t("patient.road.answer", valuesOf(episode, lead, nameOf))}</p>
              <p lang="zh-CN">{lead.answer}</p>
            </blockquote>
          ) : null}
          <ReadAloud text={aloud} />
        </div>
      </section>
      {mayGoNow ? (
        <Notice
          tone="bad"
          icon={warning}
          live={false}
          title={t("patient.road.emergency")}
          action={
            <a className={buttonClass("danger", { size: "large" })} href="tel:120">
              <Icon path={phone} />
              <span>{t("patient.road.call120")}</span>
            </a>
          }
        >
          {t("patient.road.emergencyHow")}
        </Notice>
      ) : null}
      {asked.map((one) => (
        <Agree key={one.id} episode={episode} referral={one} session={session} />
      ))}
      {readOnly ? null : <RoadActions key={lead.id} episode={episode} referral={lead} />}
      <PassLink episode={episode} />
      <Calls words={words} late={isLate(lead.respondBy, Date.now())} />
      {bring.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.road.bringTitle")}</h2>
          <ul className="road-facts">
            {bring.map((item) => (
              <li key={item}>{t(`patient.road.bring.${item}`)}</li>
            ))}
          </ul>
          {lead.toAddress && lead.to ? (
            <p className="road-address">
              <span className="muted">{t("patient.road.address")} </span>
              {lead.toAddress}
            </p>
          ) : null}
        </section>
      ) : null}
      <AfterHome episode={episode} />
      <Steps episode={episode} />
    </article>
  );
}

/** Two numbers at most, the one to try first is the large one. */
function Calls({ words }: { words: RoadWords; late: boolean }) {
  const t = useText();
  if (words.phones.length === 0) return null;
  return (
    <section>
      <h2 className="section-title">{t("patient.road.callTitle")}</h2>
      <div className="stack stack-2">
        {words.phones.map((one, position) => (
          <a
            key={one.number}
            className={buttonClass(position === 0 ? "soft" : "plain", {
              wide: true,
              size: "large",
              className: "road-call",
            })}
            href={`tel:${one.number}`}
          >
            <Icon path={phone} />
            <span>
              {t("patient.road.call", { name: one.name })}
              <span className="road-number">{one.number}</span>
            </span>
          </a>
        ))}
      </div>
    </section>
  );
}

/** The number that the hospital has booked has a pass of its own. */
function PassLink({ episode }: { episode: RoadEpisode }) {
  const t = useText();
  const mine = useMyAppointments();
  const ids = new Set(episode.referrals.map((one) => one.appointmentId).filter(Boolean));
  const visit = mine.data?.appointments.find((one) => ids.has(one.id));
  if (!visit || visit.state === "cancelled") return null;
  return (
    <Link
      href={`/appointments/${visit.id}`}
      className={buttonClass("soft", { wide: true, size: "large" })}
    >
      <span>{t("patient.road.pass")}</span>
    </Link>
  );
}

const beforeGoing = new Set(["accepted", "booked", "on-the-way", "no-show", "submitted"]);
const beforeHome = new Set(["accepted", "sent-down"]);
function bringOf({ lead }: RoadWords): ("identity" | "medicines" | "films" | "summary" | "sent")[] {
  if (lead.direction === "up" && beforeGoing.has(lead.state))
    return ["identity", "medicines", "films", "sent"];
  return lead.direction === "down" && beforeHome.has(lead.state)
    ? ["summary", "medicines", "identity"]
    : [];
}
