import { Link, Redirect, Route, Switch } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { camera, person as personIcon, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { StepHead } from "../booking/step-head.tsx";
import { AskVisit } from "./ask.tsx";
import { type MyVisit, useMyVisits } from "./queries.ts";
import { OneVisit } from "./visit.tsx";
import "../booking/booking.css";
import "./visit.css";

export const tones: Record<MyVisit["state"], Tone> = {
  requested: "warn",
  waiting: "info",
  called: "good",
  "in-visit": "good",
  ended: "quiet",
  redirected: "info",
  cancelled: "quiet",
  missed: "warn",
};

/** See my doctor by video: ask, wait, join, read the summary. */
export function VisitPages({ session }: { session: PatientView | null }) {
  return (
    <Switch>
      <Route path="/visit">
        <Start session={session} />
      </Route>
      <Route path="/visit/ask/:patientId">
        {({ patientId }) => <AskVisit key={patientId} patientId={patientId} session={session} />}
      </Route>
      <Route path="/visit/:id">{({ id }) => <OneVisit key={id} id={id} />}</Route>
      <Route>
        <Redirect to="/visit" replace />
      </Route>
    </Switch>
  );
}

function Start({ session }: { session: PatientView | null }) {
  const t = useText();
  const mine = useMyVisits();
  const people = session?.patients ?? [];
  const visits = mine.data?.visits ?? [];
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t("patient.visit.title")}
        back={{ href: "/", label: t("patient.visit.home") }}
      >
        <p className="muted">{t("patient.visit.what")}</p>
      </StepHead>
      {mine.isPending ? <Skeleton lines={3} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {people.map((one) => (
        <Link
          key={one.id}
          href={`/visit/ask/${one.id}`}
          className={buttonClass("primary", { wide: true, size: "large" })}
        >
          <Icon path={people.length > 1 ? personIcon : camera} />
          <span>
            {people.length > 1
              ? t("patient.visit.askFor", { name: one.name })
              : t("patient.visit.ask")}
          </span>
        </Link>
      ))}
      {visits.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.visit.mine")}</h2>
          <ul className="list">
            {visits.map((one) => (
              <li key={one.id}>
                <Link href={`/visit/${one.id}`} className="list-row">
                  <span className="grow">
                    <span className="strong">{one.condition.text}</span>{" "}
                    <Status tone={tones[one.state]}>{t(`patient.visit.state.${one.state}`)}</Status>
                    <br />
                    <span className="muted small">
                      {people.length > 1 ? `${one.patient.name} · ` : ""}
                      {dayTime(one.requestedAt)} · {one.doctor?.name ?? one.house.name}
                    </span>
                  </span>
                  <Icon path={right} />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </main>
  );
}
