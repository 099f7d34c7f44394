import { useState } from "react";
import type { PatientView } from "../../../server/patients/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { nameOf } from "../../consult/words.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import { dateTime } from "../../i18n/time.ts";
import { type Answered, ConsentSheet } from "../../workbench/consent-form.tsx";
import { type Session, useConsents, useRefresh } from "./queries.ts";

/** 教学知情同意: in private, apart from treatment, with who was there; read aloud in the patient's language. */
export function ConsentPart({ session, patient }: { session: Session; patient: PatientView }) {
  const t = useText();
  const refresh = useRefresh();
  const consents = useConsents(session.id);
  const [present, setPresent] = useState("");
  const [alone, setAlone] = useState(false);
  const [replay, setReplay] = useState(true);
  const [asking, setAsking] = useState(false);
  const [withdrawing, setWithdrawing] = useState("");
  const save = useWrite(
    (body: object, key) =>
      api.post<{ id: string }>(`/api/teaching/sessions/${session.id}/consents`, body, key),
    {
      onDone: () => {
        setAsking(false);
        refresh();
      },
    },
  );
  const withdraw = useWrite(
    ({ id, reason }: { id: string; reason: string }, key) =>
      api.post<{ ok: true }>(`/api/teaching/consents/${id}/withdraw`, { reason }, key),
    { onDone: () => refresh() },
  );
  const standing = consents.data?.consents.find(
    (one) => one.patientId === patient.id && one.withdrawnAt === null,
  );
  return (
    <Card
      title={t("teaching.consent.title")}
      aside={
        standing ? (
          <Status tone={standing.given ? "good" : "bad"}>
            {t(standing.given ? "teaching.consent.given" : "teaching.consent.refused")}
          </Status>
        ) : null
      }
    >
      <div className="stack">
        <p className="muted">{t("teaching.consent.how")}</p>
        {standing ? (
          <>
            <p>
              {t("teaching.consent.by", {
                name: standing.signerName,
                relation: standing.signerRelation,
                time: dateTime(standing.recordedAt),
                present: standing.present,
              })}
            </p>
            <TextField
              label={t("teaching.consent.withdrawReason")}
              optional
              value={withdrawing}
              onChange={(event) => setWithdrawing(event.target.value)}
            />
            <div className="row">
              <Button
                look="danger"
                busy={withdraw.isPending}
                onClick={() =>
                  withdraw.mutate({
                    id: standing.id,
                    reason: withdrawing.trim() || t("teaching.consent.asked"),
                  })
                }
              >
                {t("teaching.consent.withdraw")}
              </Button>
            </div>
          </>
        ) : (
          <>
            <TextField
              label={t("teaching.consent.present")}
              hint={t("teaching.consent.presentHint")}
              value={present}
              onChange={(event) => setPresent(event.target.value)}
            />
            <CheckField
              label={t("teaching.consent.alone")}
              checked={alone}
              onChange={(event) => setAlone(event.target.checked)}
            />
            <CheckField
              label={t("teaching.consent.replay")}
              checked={replay}
              onChange={(event) => setReplay(event.target.checked)}
            />
            {asking ? (
              <ConsentSheet
                patient={patient}
                textOf={(words) =>
                  words(replay ? "teaching.consent.textReplay" : "teaching.consent.text", {
                    name: nameOf(patient, words),
                    title: session.title.zh,
                    hospital: session.institution.zh,
                  })
                }
                emergency={false}
                busy={save.isPending}
                error={save.error}
                onSave={({ relativeName: _, ...body }: Answered) =>
                  save.mutate({
                    ...body,
                    patientId: patient.id,
                    replay,
                    present: present.trim(),
                    withoutObservers: true,
                  })
                }
                onClose={() => setAsking(false)}
              />
            ) : (
              <div className="row">
                <Button
                  look="primary"
                  disabled={!alone || present.trim() === ""}
                  onClick={() => setAsking(true)}
                >
                  {t("teaching.consent.ask")}
                </Button>
              </div>
            )}
            {!alone ? <Notice tone="info">{t("teaching.consent.first")}</Notice> : null}
          </>
        )}
        <ProblemNotice error={withdraw.error ?? consents.error} />
      </div>
    </Card>
  );
}
