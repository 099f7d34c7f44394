import { useState } from "react";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import {
  type Candidates,
  type Participants,
  useCandidates,
  useConsultAnswer,
} from "../consult/queries.ts";
import { standingConsent } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import "./consult-page.css";

/** Who comes: specialists (the first leads and signs), interpreter, observers only with the patient's consent. */
export function Arrangement({ consult }: { consult: ConsultDetail }) {
  const t = useText();
  const [adding, setAdding] = useState(false);
  const editable = [
    "submitted",
    "accepted",
    "scheduled",
    "interrupted",
    "specialist-absent",
    "in-session",
    "advice-only",
  ].includes(consult.state);
  const candidates = useCandidates(consult.id, editable);
  const answer = useConsultAnswer();
  const save = useWrite(
    (participants: Participants, key) =>
      api.put<ConsultDetail>(`/api/consults/${consult.id}/participants`, { participants }, key),
    { onDone: answer },
  );
  const people = consult.participants.filter((person) => person.role !== "attending");
  const current: Participants = consult.participants.map(({ personId, role, lead }) => ({
    personId,
    role,
    lead,
  }));
  // The attending doctor leads his own side; one of the specialists leads the other.
  const withLead = (list: Participants): Participants => {
    const specialists = list.filter((one) => one.role === "specialist");
    const lead = specialists.find((one) => one.lead) ?? specialists[0];
    return list.map((one) => (one.role === "specialist" ? { ...one, lead: one === lead } : one));
  };
  const add = (personId: string, role: Participants[number]["role"]) =>
    save.mutate(withLead([...current, { personId, role, lead: false }]));
  const remove = (personId: string) =>
    save.mutate(withLead(current.filter((one) => one.personId !== personId)));

  if (!editable && people.length === 0) return null;
  return (
    <Card
      title={t("workbench.arrange.title")}
      aside={consult.department ? <span className="muted">{consult.department.name}</span> : null}
    >
      <ul className="people-list">
        {people.map((person) => (
          <li key={person.personId} className="person-chip" data-role={person.role}>
            <span>
              {person.name} · {person.title ?? t(`common.role.${person.role}`)}
              {person.lead ? ` · ${t("workbench.arrange.lead")}` : ""}
              {person.role === "specialist"
                ? ""
                : person.title
                  ? ` · ${t(`common.role.${person.role}`)}`
                  : ""}
            </span>
            {editable ? (
              <button
                type="button"
                aria-label={t("workbench.arrange.remove", { name: person.name })}
                onClick={() => remove(person.personId)}
              >
                <Icon path={close} size="small" />
              </button>
            ) : null}
          </li>
        ))}
        {people.length === 0 ? (
          <li>
            <Status tone="warn">{t("workbench.arrange.nobody")}</Status>
          </li>
        ) : null}
      </ul>
      {editable ? (
        <Button
          size="small"
          icon={plus}
          className="align-start"
          aria-expanded={adding}
          onClick={() => setAdding(!adding)}
        >
          {t("workbench.arrange.add")}
        </Button>
      ) : null}
      <ProblemNotice error={save.error ?? candidates.error} />
      {adding && editable && candidates.data ? (
        <CandidateLists
          candidates={candidates.data}
          taken={new Set(consult.participants.map((person) => person.personId))}
          observersAgreed={standingConsent(consult.consents, "observers")?.given === true}
          busy={save.isPending}
          onAdd={add}
        />
      ) : null}
    </Card>
  );
}

function CandidateLists({
  candidates,
  taken,
  observersAgreed,
  busy,
  onAdd,
}: {
  candidates: Candidates;
  taken: ReadonlySet<string>;
  observersAgreed: boolean;
  busy: boolean;
  onAdd: (personId: string, role: Participants[number]["role"]) => void;
}) {
  const t = useText();
  return (
    <div className="candidate-groups">
      <section>
        <h3>{t("workbench.arrange.specialists")}</h3>
        {candidates.specialists
          .filter((person) => !taken.has(person.personId))
          .map((person) => (
            <button
              key={person.personId}
              type="button"
              className="candidate"
              disabled={!person.eligible || busy}
              onClick={() => onAdd(person.personId, "specialist")}
            >
              <span className="grow">
                <span className="strong">{person.name}</span> {person.title}
                <span className="muted small"> {person.department}</span>
                {person.eligible ? null : (
                  <span className="small"> {t("workbench.arrange.notEligible")}</span>
                )}
              </span>
              {person.eligible ? <Icon path={plus} /> : null}
            </button>
          ))}
      </section>
      <section>
        <h3>{t("workbench.arrange.interpreters")}</h3>
        {candidates.interpreters
          .filter((person) => !taken.has(person.personId))
          .map((person) => (
            <button
              key={person.personId}
              type="button"
              className="candidate"
              disabled={busy}
              onClick={() => onAdd(person.personId, "interpreter")}
            >
              <span className="grow">
                <span className="strong">{person.name}</span>{" "}
                <span className="muted small">{person.institution}</span>
              </span>
              <Icon path={plus} />
            </button>
          ))}
      </section>
      <section>
        <h3>{t("workbench.arrange.observers")}</h3>
        {observersAgreed ? (
          candidates.observers
            .filter((person) => !taken.has(person.personId))
            .map((person) => (
              <button
                key={person.personId}
                type="button"
                className="candidate"
                disabled={busy}
                onClick={() => onAdd(person.personId, "observer")}
              >
                <span className="grow">
                  <span className="strong">{person.name}</span>{" "}
                  <span className="muted small">{person.title}</span>
                </span>
                <Icon path={plus} />
              </button>
            ))
        ) : (
          <Status tone="warn">{t("workbench.arrange.observersNotAgreed")}</Status>
        )}
      </section>
    </div>
  );
}
