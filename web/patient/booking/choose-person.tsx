import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import type { ContactRelation } from "../../../server/patients/domain.ts";
import type { PatientView } from "../../api/session.ts";
import { Button } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { check, person as personIcon } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { AddPerson } from "./add-person.tsx";
import { personOf, useRemembered } from "./choices.ts";
import { plus } from "./icons.ts";
import { StepHead } from "./step-head.tsx";

/** Only back into this page's own addresses. */
function safeBack(search: string): string {
  const back = new URLSearchParams(search).get("back") ?? "/book";
  return /^\/(book|fever)(\/|\?|$)/.test(back) ? back : "/book";
}

/** For whom: myself, somebody whom this phone books for already, or somebody new. */
export function ChoosePerson({ session }: { session: PatientView | null }) {
  const t = useText();
  const [, go] = useLocation();
  const back = safeBack(useSearch());
  const { remembered, remember } = useRemembered();
  const people = session?.patients ?? [];
  const chosen = personOf(session, remembered);
  const [adding, setAdding] = useState(people.length === 0);
  const choose = (id: string) => {
    remember({ personId: id });
    go(back, { replace: true });
  };
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t(adding ? "patient.booking.addTitle" : "patient.booking.whoTitle")}
        back={{ href: back, label: t("patient.booking.back") }}
      />
      {people.length > 0 ? (
        <ul className="list">
          {people.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className="list-row row-button"
                aria-pressed={one.id === chosen?.id}
                onClick={() => choose(one.id)}
              >
                <Icon path={one.id === chosen?.id ? check : personIcon} />
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
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {adding ? (
        <AddPerson isFirst={people.length === 0} onAdded={({ id }) => choose(id)} />
      ) : (
        <Button icon={plus} size="large" wide onClick={() => setAdding(true)}>
          {t("patient.booking.addPerson")}
        </Button>
      )}
    </main>
  );
}
