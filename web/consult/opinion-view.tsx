import type { OpinionContent } from "../../server/consult/contract.ts";
import { useText } from "../i18n/i18n.ts";
import { Diagnoses } from "./facts.tsx";

export const opinionFields = [
  "findingsReviewed",
  "missingData",
  "diagnosticOpinion",
  "testsAdvised",
  "plan",
  "transferConditions",
  "plainWords",
] as const satisfies readonly (keyof OpinionContent)[];

export const emptyOpinion: OpinionContent = {
  findingsReviewed: "",
  missingData: "",
  diagnosticOpinion: "",
  diagnoses: [],
  testsAdvised: "",
  plan: "",
  transferConditions: "",
  plainWords: "",
};

/** An opinion as it is read; what was left empty is not shown. */
export function OpinionView({ opinion }: { opinion: OpinionContent }) {
  const t = useText();
  return (
    <div className="stack">
      {opinionFields.map((name) =>
        opinion[name] || (name === "diagnosticOpinion" && opinion.diagnoses.length > 0) ? (
          <section className="opinion-block" key={name}>
            <h3>{t(`consult.opinion.field.${name}`)}</h3>
            {name === "diagnosticOpinion" ? <Diagnoses list={opinion.diagnoses} /> : null}
            <p>{opinion[name]}</p>
          </section>
        ) : null,
      )}
    </div>
  );
}
