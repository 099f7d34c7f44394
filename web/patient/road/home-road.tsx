import { Link } from "wouter";
import { Icon } from "../../design/components/icon.tsx";
import { Status } from "../../design/components/status.tsx";
import { clock, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { shortTime } from "../../i18n/time.ts";
import { useMyAppointments } from "../my-appointments.ts";
import { lastStepAt, type RoadEpisode } from "../my-road.ts";
import { useRoadWords } from "./words.ts";
import "./road.css";

const nameOfPatient = ({ patient }: RoadEpisode) => patient.fullName ?? patient.fullNameBo ?? "";

/** "What is next for me" on home while a referral is open: where it is, and what comes by when. */
export function NextRoad({ episode, several }: { episode: RoadEpisode; several: boolean }) {
  const t = useText();
  const words = useRoadWords()(episode, { appointmentAt: useAppointmentAt(episode) });
  if (!words) return null;
  return (
    <div className="next-card">
      <div className="next-body">
        <div className="row spread">
          <span className="muted">
            {several
              ? t("patient.road.cardOf", { name: nameOfPatient(episode) })
              : t("patient.road.card")}
          </span>
          <Status tone={words.tone}>{words.status}</Status>
        </div>
        <h2 className="road-card-now">{words.now}</h2>
        <p className="next-say">
          <Icon path={clock} />
          <span>{words.next}</span>
        </p>
      </div>
      <Link href="/road" className="road-card-open">
        <span>{t("patient.road.cardOpen")}</span>
        <Icon path={right} />
      </Link>
    </div>
  );
}

/** The same on the elders' home: one thing to press. */
export function ElderRoad({ episode }: { episode: RoadEpisode }) {
  const words = useRoadWords()(episode, { appointmentAt: useAppointmentAt(episode) });
  if (!words) return null;
  return (
    <Link href="/road" className="elder-next road-elder">
      <h2>{words.now}</h2>
      <p>{words.next}</p>
    </Link>
  );
}

/** How a referral ended, among the news of home. */
export function RoadNews({ episodes }: { episodes: readonly RoadEpisode[] }) {
  const t = useText();
  const wordsOf = useRoadWords();
  return episodes.map((episode) => {
    const words = wordsOf(episode);
    const at = lastStepAt(episode);
    return words ? (
      <li key={episode.id}>
        <Link href="/road" className="list-row">
          <Icon path={clock} />
          <span className="grow">
            <span className="strong">{words.now}</span>
            <br />
            <span className="muted small">
              {t("patient.road.card")}
              {at ? ` · ${shortTime(at)}` : ""}
            </span>
          </span>
          <Icon path={right} />
        </Link>
      </li>
    ) : null;
  });
}

/** When the visit is that the hospital has booked for this referral. */
export function useAppointmentAt(episode: RoadEpisode): string | null {
  const mine = useMyAppointments();
  const ids = new Set(episode.referrals.map((one) => one.appointmentId).filter(Boolean));
  return mine.data?.appointments.find((one) => ids.has(one.id))?.startsAt ?? null;
}
