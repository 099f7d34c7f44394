import { Link, Redirect, useSearch } from "wouter";
import type { ContactRelation } from "../../../server/patients/domain.ts";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { person as personIcon, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { StepHead } from "../booking/step-head.tsx";
import { Name } from "../booking/words.tsx";
import { useMyFever } from "./queries.ts";

/** For whom; whoever is alone on this phone is not asked. */
export function Start({ session }: { session: PatientView | null }) {
  const t = useText();
  const mine = useMyFever();
  const search = new URLSearchParams(useSearch());
  const people = session?.patients ?? [];
  const visits = (mine.data?.visits ?? []).filter(({ step }) => step !== "ended");
  const shown = mine.data?.screenings.filter(({ blockedUntil }) => blockedUntil) ?? [];
  // Straight to the questions, unless there is something to say first.
  const [only] = people;
  if (only && people.length === 1 && mine.data && visits.length === 0 && !search.has("stay"))
    return <Redirect to={`/fever/ask/${only.id}`} replace />;
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t("patient.fever.title")}
        back={{ href: "/", label: t("patient.fever.toHome") }}
      >
        <p className="muted">{t("patient.fever.minute")}</p>
      </StepHead>
      {visits.map((visit) => (
        <Notice
          key={visit.id}
          tone="info"
          live={false}
          title={
            <>
              {visit.patient.name} · <Name of={visit.institution} />
            </>
          }
        >
          <p>{t(`patient.fever.visit.${visit.step}`)}</p>
          {visit.resultDueAt ? (
            <p>{t("patient.fever.visit.due", { time: dayTime(visit.resultDueAt) })}</p>
          ) : null}
        </Notice>
      ))}
      <section>
        <h2 className="section-title">{t("patient.fever.who")}</h2>
        <ul className="list">
          {people.map((one) => (
            <li key={one.id}>
              <Link href={`/fever/ask/${one.id}`} className="list-row">
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
          href="/book/person?back=/fever?stay"
          className={buttonClass("quiet", { className: "align-start" })}
        >
          {t("patient.booking.addPerson")}
        </Link>
      </section>
      {shown.length > 0 ? (
        <p className="muted small">
          {t("patient.fever.clinic.block", { time: dayTime(shown[0]!.blockedUntil!) })}
        </p>
      ) : null}
    </main>
  );
}
