import { useState } from "react";
import type { PatientView } from "../../api/session.ts";
import { Button } from "../../design/components/button.tsx";
import { SelectField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { check } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import type { RoadEpisode, RoadReferral } from "../my-road.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { valuesOf } from "./words.ts";
import { useRoadStep } from "./write.ts";

/** Below this age a guardian agrees (personal-information law, article 31); the server refuses the same. */
const guardianBelowYears = 14;
const relations = ["mother", "father", "guardian", "spouse", "child", "relative"] as const;
const facts = ["who", "what", "why", "until"] as const;

/** What is shared with whom, in plain words, before anything leaves the house; yes and no weigh the same. */
export function Agree({
  episode,
  referral,
  session,
}: {
  episode: RoadEpisode;
  referral: RoadReferral;
  session: PatientView | null;
}) {
  const t = useText();
  const language = useLanguage();
  const nameOf = useNameOf();
  const values = valuesOf(episode, referral, nameOf);
  const { patient } = episode;
  const name = patient.fullName ?? patient.fullNameBo ?? "";
  const own = session?.patients.find((one) => one.id === patient.id);
  const isChild = patient.ageYears !== null && patient.ageYears < guardianBelowYears;
  const [who, setWho] = useState<"self" | "relative">(
    isChild || (own && own.relation !== "self") ? "relative" : "self",
  );
  const [signer, setSigner] = useState("");
  const [relation, setRelation] = useState<(typeof relations)[number]>(
    relations.find((one) => one === own?.relation) ?? (isChild ? "mother" : "relative"),
  );
  const [missing, setMissing] = useState(false);
  const step = useRoadStep(referral.id);
  const lines = facts.map((fact) => t(`patient.road.agree.${fact}`, values));
  const agree = () => {
    const signerName = who === "self" ? name : signer.trim();
    setMissing(signerName === "");
    if (signerName === "") return;
    step.mutate({
      action: "agree",
      version: referral.version,
      language,
      signerName,
      signerRelation: t(`common.relation.${who === "self" ? "self" : relation}`),
    });
  };
  return (
    <section className="road-ask" aria-labelledby={`agree-${referral.id}`}>
      <h2 id={`agree-${referral.id}`}>{t("patient.road.agree.title", values)}</h2>
      <ul className="road-facts">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="muted">{t("patient.road.agree.emergency")}</p>
      <ReadAloud text={[t("patient.road.agree.title", values), ...lines].join("。")} />
      {isChild ? (
        <p className="strong">{t("patient.road.agree.child", { name })}</p>
      ) : (
        <Segmented
          label={t("patient.road.agree.whoSigns")}
          value={who}
          options={[
            { value: "self", label: t("patient.road.agree.self", { name }) },
            { value: "relative", label: t("patient.road.agree.relative") },
          ]}
          onChange={setWho}
        />
      )}
      {who === "relative" ? (
        <>
          <TextField
            label={t("patient.road.agree.name")}
            value={signer}
            autoComplete="name"
            maxLength={100}
            error={missing ? t("patient.road.agree.nameMissing") : undefined}
            onChange={(event) => setSigner(event.target.value)}
          />
          <SelectField
            label={t("patient.road.agree.relation", { name })}
            value={relation}
            onChange={(event) => setRelation(event.target.value as typeof relation)}
          >
            {relations
              .filter((one) => !isChild || (one !== "spouse" && one !== "child"))
              .map((one) => (
                <option key={one} value={one}>
                  {t(`common.relation.${one}`)}
                </option>
              ))}
          </SelectField>
        </>
      ) : null}
      <ProblemNotice error={step.error} />
      <div className="road-choice">
        <Button
          look="primary"
          size="large"
          wide
          icon={check}
          busy={step.isPending && step.variables?.action === "agree"}
          onClick={agree}
        >
          {t("patient.road.agree.yes")}
        </Button>
        {referral.declined ? null : (
          <Button
            size="large"
            wide
            busy={step.isPending && step.variables?.action === "decline"}
            onClick={() => step.mutate({ action: "decline", version: referral.version })}
          >
            {t("patient.road.agree.no")}
          </Button>
        )}
      </div>
    </section>
  );
}
