import { useEffect, useState } from "react";
import type { FollowUpBody, FollowUpView } from "../../server/referral/contract.ts";
import { localStore } from "../api/local-store.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { check } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { VitalsFields } from "../workbench/vitals-fields.tsx";
import { followUpKinds, triggersReached } from "./judge.ts";
import { useOwnHouse } from "./own-house.ts";
import { useActOnFollowUp } from "./queries.ts";
import { dayAfter, triggerWords } from "./words.ts";

type Done = Extract<FollowUpBody, { action: "done" }>;
type Kept = {
  vitals: Done["vitals"];
  findings: string;
  ticked: string[];
  next: { dueOn: string; kind: (typeof followUpKinds)[number]; purpose: string } | null;
};

/**
 * What was found. A limit that is passed is said while it is typed; what was written stays on this device
 * until the server has it.
 */
export function RecordForm({
  followUp,
  onDone,
}: {
  followUp: FollowUpView;
  onDone: (answer: { raisedReferralId: string | null }) => void;
}) {
  const t = useText();
  const own = useOwnHouse(followUp.institution.id);
  const key = `follow-up:${followUp.id}`;
  const [kept, setKept] = useState<Kept>({
    vitals: {},
    findings: "",
    ticked: [],
    next: {
      dueOn: dayAfter(isoDate(Date.now()), 14),
      kind: followUp.kind,
      purpose: followUp.purpose,
    },
  });
  const [tried, setTried] = useState(false);
  useEffect(() => {
    let gone = false;
    void localStore.read<Kept>(key).then((before) => !gone && before && setKept(before));
    return () => {
      gone = true;
    };
  }, [key]);
  const change = (part: Partial<Kept>) => {
    const next = { ...kept, ...part };
    setKept(next);
    void localStore.write(key, next);
  };
  const act = useActOnFollowUp(followUp.id, (answer) => {
    void localStore.remove(key);
    onDone(answer);
  });
  const { vitals, findings, ticked, next } = kept;
  const inWords = followUp.returnTriggers.filter((one) => one.kind === "words");
  const reached = triggersReached(followUp.returnTriggers, vitals, ticked);
  const lacks = { findings: !findings.trim(), next: next !== null && !next.purpose.trim() };
  return (
    <Card title={t("referral.followUp.record")}>
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (lacks.findings || lacks.next) return;
          act.mutate({
            action: "done",
            version: followUp.version,
            vitals,
            findings: findings.trim(),
            triggered: ticked,
            next: next && { ...next, purpose: next.purpose.trim() },
          });
        }}
      >
        <VitalsFields
          value={vitals}
          altitudeMetres={own?.altitudeMetres ?? 0}
          institution={own?.name ?? followUp.institution.name}
          onChange={(value) => change({ vitals: value })}
        />
        {inWords.length > 0 ? (
          <fieldset className="criteria-list">
            <legend className="field-label">{t("referral.followUp.came")}</legend>
            {inWords.map((one) => (
              <CheckField
                key={one.code}
                label={triggerWords(one, t)}
                checked={ticked.includes(one.code)}
                onChange={(event) =>
                  change({
                    ticked: event.target.checked
                      ? [...ticked, one.code]
                      : ticked.filter((code) => code !== one.code),
                  })
                }
              />
            ))}
          </fieldset>
        ) : null}
        {reached.length > 0 ? (
          <Notice tone="bad" title={t("referral.followUp.willRaise")}>
            {followUp.returnTriggers
              .filter((one) => reached.includes(one.code))
              .map((one) => triggerWords(one, t))
              .join(t("common.listSeparator"))}
          </Notice>
        ) : null}
        <TextArea
          label={t("referral.followUp.findings")}
          rows={3}
          value={findings}
          error={tried && lacks.findings ? t("referral.followUp.noFindings") : undefined}
          onChange={(event) => change({ findings: event.target.value })}
        />
        <CheckField
          label={t("referral.followUp.hasNext")}
          checked={next !== null}
          onChange={(event) =>
            change({
              next: event.target.checked
                ? {
                    dueOn: dayAfter(isoDate(Date.now()), 14),
                    kind: followUp.kind,
                    purpose: followUp.purpose,
                  }
                : null,
            })
          }
        />
        {next ? (
          <div className="rows-row">
            <TextField
              label={t("referral.followUp.dueOn")}
              type="date"
              value={next.dueOn}
              onChange={(event) =>
                event.target.value && change({ next: { ...next, dueOn: event.target.value } })
              }
            />
            <SelectField
              label={t("referral.followUp.how")}
              value={next.kind}
              onChange={(event) =>
                change({
                  next: {
                    ...next,
                    kind: followUpKinds.find((kind) => kind === event.target.value) ?? next.kind,
                  },
                })
              }
            >
              {followUpKinds.map((kind) => (
                <option key={kind} value={kind}>
                  {t(`referral.followUp.kind.${kind}`)}
                </option>
              ))}
            </SelectField>
            <TextField
              label={t("referral.followUp.purpose")}
              maxLength={300}
              value={next.purpose}
              error={tried && lacks.next ? t("referral.followUp.noPurpose") : undefined}
              onChange={(event) => change({ next: { ...next, purpose: event.target.value } })}
            />
          </div>
        ) : null}
        <ProblemNotice error={act.error} kept={t("referral.kept")} />
        <Button
          look={reached.length > 0 ? "danger" : "primary"}
          type="submit"
          icon={check}
          className="align-start"
          busy={act.isPending}
        >
          {t(reached.length > 0 ? "referral.followUp.saveAndRaise" : "referral.followUp.save")}
        </Button>
      </form>
    </Card>
  );
}
