import { Link, Redirect, Route, Switch } from "wouter";
import type { ContactRelation } from "../../server/patients/domain.ts";
import type { PatientView } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { person as personIcon, right } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { StepHead } from "../patient/booking/step-head.tsx";
import { Ask } from "./ask.tsx";
import { Result } from "./result.tsx";
import "../patient/booking/booking.css";
import "../patient/fever/fever.css";
import "./triage.css";

/** Not sure where to go: a few questions, one big answer, one press to the step that exists. */
export function TriagePages({ session }: { session: PatientView | null }) {
  return (
    <Switch>
      <Route path="/triage">
        <Start session={session} />
      </Route>
      <Route path="/triage/ask/:patientId">
        {({ patientId }) => <Ask key={patientId} patientId={patientId} session={session} />}
      </Route>
      <Route path="/triage/result/:id">{({ id }) => <Result key={id} id={id} />}</Route>
      <Route>
        <Redirect to="/triage" replace />
      </Route>
    </Switch>
  );
}

/** For whom; whoever is alone on this phone is not asked. */
function Start({ session }: { session: PatientView | null }) {
  const t = useText();
  const people = session?.patients ?? [];
  const [only] = people;
  if (only && people.length === 1) return <Redirect to={`/triage/ask/${only.id}`} replace />;
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t("patient.triage.who")}
        back={{ href: "/", label: t("patient.triage.toHome") }}
      >
        <p className="muted">{t("patient.triage.minutes")}</p>
      </StepHead>
      <ul className="list">
        {people.map((one) => (
          <li key={one.id}>
            <Link href={`/triage/ask/${one.id}`} className="list-row">
              <Icon path={personIcon} />
              <span className="grow">
                <span className="strong">{one.name}</span>{" "}
                {one.nameBo ? (
                  <span lang="bo" className="muted">
                    {one.nameBo}
                  </span>
                ) : null}
                <span className="muted small row-line">
                  {one.relation === "self"
                    ? t("patient.booking.myself")
                    : t("patient.booking.iAm", {
                        relation: t(`common.relation.${one.relation as ContactRelation}`),
                      })}
                </span>
              </span>
              <Icon path={right} />
            </Link>
          </li>
        ))}
      </ul>
      <Link
        href="/book/person?back=/triage"
        className={buttonClass("quiet", { className: "align-start" })}
      >
        {t("patient.booking.addPerson")}
      </Link>
    </main>
  );
}
