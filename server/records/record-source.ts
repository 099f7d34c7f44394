/** A holder of records as it is asked: where, with which sign-in, for which types. */
import type { Tx } from "../db/client.ts";
import type { InstitutionRow } from "../directory/service.ts";
import type { Services } from "../http/context.ts";
import { type KeyRow, signAssertion } from "./connection-key.ts";
import type { RecordSource, SignIn } from "./federation/source.ts";
import type { Holder } from "./locator-service.ts";
import { recordKey, type recordOutside, recordPartner } from "./schema.ts";

export const partnerSecretContext = "record_partner.secret";
export const outsideSecretContext = "record_outside.secret";
export type OutsideRow = typeof recordOutside.$inferSelect;

/** Of what a record's page is made; searched one by one where a server knows no `$everything`. */
export const recordTypes = [
  "AllergyIntolerance",
  "Flag",
  "Condition",
  "MedicationRequest",
  "MedicationStatement",
  "Immunization",
  "Observation",
  "DiagnosticReport",
  "Encounter",
  "Appointment",
  "Procedure",
  "DocumentReference",
  "Composition",
] as const;

/** Ways into remote and outside servers; read by the server itself alone. */
export type Ways = {
  readonly partners: readonly (typeof recordPartner.$inferSelect)[];
  readonly keys: readonly KeyRow[];
};
export const findWays = async (tx: Tx): Promise<Ways> => ({
  partners: await tx.select().from(recordPartner),
  keys: await tx.select().from(recordKey),
});

/** @param hostedVia where a hosted store's own endpoint is reached from here */
export function sourceOf(
  services: Services,
  holder: Holder,
  ways: Ways,
  hostedVia: URL | null,
): RecordSource {
  const { institutionId, code, store, outside } = holder;
  if (outside)
    return outsideSource(
      services,
      outside,
      ways.keys.find((one) => one.institutionId === institutionId) ?? null,
    );
  if (store.kind === "hosted")
    return {
      institutionId,
      code,
      kind: "hosted",
      base: `${services.publicUrl}/stores/${code}/fhir`,
      via: hostedVia,
      privateNetwork: true,
      signIn: null,
    };
  const partner = ways.partners.find((one) => one.institutionId === institutionId);
  return {
    institutionId,
    code,
    kind: "remote",
    base: store.location,
    via: null,
    privateNetwork: partner?.privateNetwork ?? false,
    signIn:
      partner?.tokenUrl && partner.clientId && partner.secretCipher
        ? {
            tokenUrl: partner.tokenUrl,
            clientId: partner.clientId,
            clientSecret: services.vault.open(partnerSecretContext, partner.secretCipher),
            scope: partner.scope,
          }
        : null,
  };
}

/** An outside server that an institution connected. */
export function outsideSource(
  services: Services,
  row: OutsideRow,
  key: KeyRow | null,
): RecordSource {
  return {
    institutionId: row.institutionId,
    code: row.id,
    edition: row.version,
    kind: "remote",
    base: row.base,
    via: null,
    privateNetwork: row.privateNetwork,
    signIn: signInOf(services, row, key),
    ...(row.hasEverything === false ? { types: heldTypes(row.types) } : {}),
  };
}

const heldTypes = (types: readonly string[] | null): readonly string[] =>
  recordTypes.filter((one) => types === null || types.includes(one));

function signInOf(services: Services, row: OutsideRow, key: KeyRow | null): SignIn | null {
  const { tokenUrl, clientId, scope } = row;
  if (row.signIn === "none" || tokenUrl === null || clientId === null) return null;
  if (row.signIn === "credentials")
    return {
      tokenUrl,
      clientId,
      scope,
      clientSecret: services.vault.open(outsideSecretContext, row.secretCipher ?? ""),
    };
  return {
    tokenUrl,
    clientId,
    scope,
    assertion: async () => {
      if (!key) throw new Error("no key pair");
      return signAssertion(services, key, { tokenUrl, clientId });
    },
  };
}

/** How a source is called: its institution's name, of an outside server with its own behind it. */
export function holderNames(holder: Holder, institution: InstitutionRow | undefined) {
  const { outside, code } = holder;
  const name = institution?.name ?? code;
  if (!outside)
    return {
      code,
      name,
      nameBo: institution?.nameBo ?? null,
      nameEn: institution?.nameEn ?? null,
    };
  const behind = (house: string | null | undefined) =>
    house ? `${house} · ${outside.name}` : null;
  return {
    code,
    name: `${name} · ${outside.name}`,
    nameBo: behind(institution?.nameBo),
    nameEn: behind(institution?.nameEn),
  };
}
