/** What the record locator reads out of a store's rows. Pure. */
import { identifierSystems } from "../../fhir-mappings/systems.ts";
import type { Vault } from "../crypto/vault.ts";

export type KnownIdentifier = { readonly system: string; readonly value: string };

/**
 * Systems whose numbers name one person of the whole country or alliance. Nothing else joins records:
 * no name, no birth date, no hospital's own card. Who has one name only and no such number stays apart.
 */
export const joiningSystems: readonly string[] = [
  identifierSystems.residentId,
  identifierSystems.alliancePatient,
];

/** Keyed: the table alone says nothing about anybody, and is not searched by guessing. */
export const identifierIndex = (vault: Vault, { system, value }: KnownIdentifier): Buffer =>
  vault.blindIndex("record-identifier", `${system}|${value.trim().toUpperCase()}`);

/** The joining identifiers of a Patient; those that say that they are old or wrong are left out. */
export function joiningIdentifiers(identifiers: unknown): KnownIdentifier[] {
  if (!Array.isArray(identifiers)) return [];
  return identifiers.flatMap((one: unknown) => {
    const { system, value, use } = (one ?? {}) as Record<string, unknown>;
    return typeof system === "string" &&
      typeof value === "string" &&
      value.trim() !== "" &&
      use !== "old" &&
      joiningSystems.includes(system)
      ? [{ system, value }]
      : [];
  });
}

/** A row of a store as the locator reads it. */
export type ScannedRow = {
  readonly type: string;
  readonly id: string;
  readonly deleted: boolean;
  readonly patients: readonly string[];
  /** Of a Patient only. */
  readonly identifiers: unknown;
};
export type ScannedPatient = {
  /** Null: the Patient itself was not among the rows. */
  identifiers: KnownIdentifier[] | null;
  isGone: boolean;
  readonly kinds: Set<string>;
};

/** What rows say about each patient; a later row of a patient stands over an earlier one. */
export function patientsIn(rows: readonly ScannedRow[]): Map<string, ScannedPatient> {
  const found = new Map<string, ScannedPatient>();
  const at = (id: string) => {
    const known = found.get(id) ?? { identifiers: null, isGone: false, kinds: new Set<string>() };
    found.set(id, known);
    return known;
  };
  for (const row of rows) {
    if (row.type === "Patient") {
      const one = at(row.id);
      one.isGone = row.deleted;
      one.identifiers = row.deleted ? [] : joiningIdentifiers(row.identifiers);
    } else if (!row.deleted) {
      for (const id of row.patients) at(id).kinds.add(row.type);
    }
  }
  return found;
}
