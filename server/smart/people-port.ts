/** What apps of people need to know of patients and where their records lie; given by the composition root. */
import type { Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";

export type AppPerson = {
  /** In our own tables. */
  readonly id: string;
  readonly name: string;
  readonly nameBo: string | null;
  /** The institution that looks after the person. */
  readonly homeId: string | null;
};
export type AppKeeper = {
  readonly institutionId: string;
  readonly code: string;
  /** Ids of the person in that store, the oldest first. */
  readonly localIds: readonly string[];
};
export type RecordPeople = {
  /** Whose record a phone may read: oneself first. */
  readable(work: Pick<Work<PatientActor>, "tx" | "actor" | "now">): Promise<readonly AppPerson[]>;
  /** Stores here that keep something about a person. */
  keepers(patientId: string): Promise<readonly AppKeeper[]>;
};
