/** What a part of the projection reads and what it says. */
import type { Resource } from "@medplum/fhirtypes";
import type { Tx } from "../../db/client.ts";
import type { Services } from "../../http/context.ts";

/** A resource as it should stand in the store; null: it should not, or not any more. */
export type Projected = {
  readonly type: Resource["resourceType"];
  readonly id: string;
  readonly resource: Resource | null;
};

/** One institution's rows, read in one transaction at one moment of the business clock. */
export type Reading = {
  readonly services: Services;
  readonly tx: Tx;
  readonly institutionId: string;
  readonly now: Date;
};

/** A kind of rows: how they are found in order, and what they are in FHIR. */
export type ProjectionPart = {
  /** Ids after `after` in their order, at most `limit`: a walk through all that are there. */
  readonly idsAfter: (reading: Reading, after: string, limit: number) => Promise<string[]>;
  /** What these rows are now; rows that are gone or are not this institution's say nothing or "not any more". */
  readonly project: (
    reading: Reading,
    ids: readonly string[],
    gap: (id: string, error: unknown) => void,
  ) => Promise<Projected[]>;
  /** Types of which nothing but what this kind says is projected: what is missing has ended. */
  readonly whole?: readonly Resource["resourceType"][];
};

export const shown = (resource: Resource): Projected => ({
  type: resource.resourceType,
  id: resource.id ?? "",
  resource,
});
export const ended = (type: Resource["resourceType"], id: string): Projected => ({
  type,
  id,
  resource: null,
});
/** What a row without such a resource says of it: it is not there, or not any more. */
export const shownOrEnded = (
  type: Resource["resourceType"],
  id: string,
  resource: Resource | undefined,
): Projected => (resource ? shown(resource) : ended(type, id));
