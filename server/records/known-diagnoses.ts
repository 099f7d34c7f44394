/** Diagnoses that the houses of the alliance made of a person, from the answers of his own record. Pure. */
import type { CodeableConcept, Condition, Encounter } from "@medplum/fhirtypes";
import { codeSystems } from "../../fhir-mappings/systems.ts";
import type { OwnAnswer } from "./own-record-service.ts";

export type DiagnosisFound = {
  readonly code: string | null;
  readonly text: string;
  /** `YYYY-MM-DD`, or less. */
  readonly date: string | null;
  readonly institutionId: string;
  /** Made where the person was seen; a video visit proves no earlier visit. */
  readonly physical: boolean;
  readonly past: boolean;
};

const icdSystems: readonly string[] = [codeSystems.icd10, codeSystems.icd10China];
const codeOf = (words: CodeableConcept | undefined): string | null =>
  words?.coding?.find((one) => icdSystems.includes(one.system ?? ""))?.code ?? null;
const textOf = (words: CodeableConcept | undefined): string =>
  words?.text ?? words?.coding?.find((one) => one.display)?.display ?? "";
const dayOf = (at: string | undefined): string | null => (at ? at.slice(0, 10) : null);
const refuted = ["refuted", "entered-in-error", "unconfirmed", "provisional", "differential"];
const past = ["inactive", "remission", "resolved"];

/** Confirmed conditions by the day they were written, and visits in person by what they were for. */
export function diagnosesIn(answers: readonly OwnAnswer[]): DiagnosisFound[] {
  return answers.flatMap(({ holder, resources }): DiagnosisFound[] => {
    const visits = resources.filter((one): one is Encounter => one.resourceType === "Encounter");
    const conditions = resources.filter(
      (one): one is Condition => one.resourceType === "Condition",
    );
    const isVirtual = (one: Encounter | undefined) => one?.class?.code === "VR";
    const named = (code: string | null) =>
      conditions.find((one) => code !== null && codeOf(one.code)?.slice(0, 3) === code.slice(0, 3));
    return [
      ...conditions.flatMap((one): DiagnosisFound[] => {
        const text = textOf(one.code);
        const status = one.verificationStatus?.coding?.[0]?.code ?? "confirmed";
        if (text === "" || refuted.includes(status)) return [];
        const visit = visits.find((each) => one.encounter?.reference === `Encounter/${each.id}`);
        return [
          {
            code: codeOf(one.code),
            text,
            date: dayOf(one.recordedDate ?? one.onsetDateTime),
            institutionId: holder.institutionId,
            physical: !isVirtual(visit),
            past: past.includes(one.clinicalStatus?.coding?.[0]?.code ?? ""),
          },
        ];
      }),
      ...visits.flatMap((one): DiagnosisFound[] => {
        if (["cancelled", "entered-in-error", "planned"].includes(one.status)) return [];
        return (one.reasonCode ?? []).flatMap((reason): DiagnosisFound[] => {
          const code = codeOf(reason);
          // Why somebody came is a diagnosis only where it was coded as one.
          return code === null
            ? []
            : [
                {
                  code,
                  text: textOf(named(code)?.code) || textOf(reason),
                  date: dayOf(one.period?.start),
                  institutionId: holder.institutionId,
                  physical: !isVirtual(one),
                  past: false,
                },
              ];
        });
      }),
    ];
  });
}
