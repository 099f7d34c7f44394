/** Which diagnoses the alliance knows of a person, asked as his own record is: of every house at once. */
import type { InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import type { Federation } from "./federation/federation.ts";
import { type DiagnosisFound, diagnosesIn } from "./known-diagnoses.ts";
import { askOwnRecord, type OpenedOwn, openOwnRecord } from "./own-record-service.ts";

export type KnownDiagnoses = {
  readonly found: readonly (Omit<DiagnosisFound, "institutionId"> & { institution: string })[];
  /** Names of houses that did not answer. */
  readonly silent: readonly string[];
};

/**
 * Open first, in the transaction of the asking; leaves its trace. Null where this phone may act for a person but not
 * read the record: then evidence is asked for.
 * @throws DomainError `request.not-found`
 */
export async function openForDiagnoses(
  services: Services,
  work: Work<PatientActor>,
  patientId: string,
): Promise<OpenedOwn | null> {
  try {
    return await openOwnRecord(services, work, patientId, "record.own");
  } catch (error) {
    if (error instanceof DomainError && error.code === "permission.denied") return null;
    throw error;
  }
}

/** Never throws for what one house does. @param hostedVia where this process is reached from here */
export async function knownDiagnoses(
  services: Services,
  federation: Federation,
  opened: OpenedOwn | null,
  hostedVia: URL | null,
): Promise<KnownDiagnoses> {
  if (!opened) return { found: [], silent: [] };
  const nameOf = (id: string) =>
    opened.institutions.find((one: InstitutionRow) => one.id === id)?.name ?? "";
  const answers = await askOwnRecord(services, federation, opened, hostedVia);
  return {
    found: diagnosesIn(answers).map(({ institutionId, ...one }) => ({
      ...one,
      institution: nameOf(institutionId),
    })),
    silent: answers.flatMap(({ holder, outcome }) =>
      outcome.error ? [nameOf(holder.institutionId)] : [],
    ),
  };
}
