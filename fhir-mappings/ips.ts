/**
 * International Patient Summary: one document of what matters about a person, for whoever treats him
 * elsewhere. Source: hl7.org/fhir/uv/ips (sections, LOINC codes and which of them are required).
 */
import type {
  Bundle,
  BundleEntry,
  Composition,
  CompositionSection,
  Organization,
  Patient,
  Resource,
} from "@medplum/fhirtypes";
import { type IpsSectionName, ipsSectionsOf, lineOf } from "./ips-sections.ts";
import { type IpsLanguage, ipsEmpty, ipsSectionTitles, ipsTitle } from "./ips-words.ts";
import { narrativeOf } from "./narrative.ts";
import { codeSystems } from "./systems.ts";

export type IpsFacts = {
  readonly patient: Patient;
  /** Whatever is known of the patient and may be seen by who asks; order does not matter. */
  readonly resources: readonly Resource[];
  /** Who puts the summary together and answers for it. */
  readonly author: Organization;
  /** When, ISO 8601 with an offset. */
  readonly at: string;
  readonly language: IpsLanguage;
  /** Where references to what is not in the document lead, without a slash at the end. */
  readonly base: string;
  /** Items that the patient withholds from who asks: said in the sections that stay empty. */
  readonly withheld: number;
  /** Random UUIDs: of the document, the composition and each entry. */
  readonly newId: () => string;
};

const loincOf: Readonly<Record<IpsSectionName, string>> = {
  allergies: "48765-2",
  problems: "11450-4",
  medications: "10160-0",
  immunizations: "11369-6",
  results: "30954-2",
  procedures: "47519-4",
  devices: "46264-8",
  vitalSigns: "8716-3",
  socialHistory: "29762-2",
  pastProblems: "11348-0",
};
const required: readonly IpsSectionName[] = ["allergies", "problems", "medications"];

/** What an entry of a section says more about, taken along when it is there. */
const companions = new Set([
  "Medication",
  "Organization",
  "Practitioner",
  "PractitionerRole",
  "Specimen",
  "Device",
  "Observation",
]);

/** The summary as a document Bundle; every reference inside it resolves inside it, others are absolute. */
export function toIpsDocument(facts: IpsFacts): Bundle {
  const sections = ipsSectionsOf(facts.resources);
  const chosen = new Map<string, Resource>();
  const take = (resource: Resource) => void chosen.set(nameOf(resource), resource);
  take(facts.patient);
  take(facts.author);
  for (const { resources } of sections) resources.forEach(take);
  takeCompanions(chosen, facts.resources);

  const addresses = new Map([...chosen.keys()].map((name) => [name, `urn:uuid:${facts.newId()}`]));
  const composition = compositionOf(facts, sections, addresses);
  const entries = [...chosen].map(
    ([name, resource]): BundleEntry => ({
      fullUrl: addresses.get(name)!,
      resource: pointed(resource, addresses, facts.base),
    }),
  );
  return {
    resourceType: "Bundle",
    identifier: { system: "urn:ietf:rfc:3986", value: `urn:uuid:${facts.newId()}` },
    type: "document",
    timestamp: facts.at,
    entry: [{ fullUrl: `urn:uuid:${composition.id}`, resource: composition }, ...entries],
  };
}

function compositionOf(
  facts: IpsFacts,
  sections: ReturnType<typeof ipsSectionsOf>,
  addresses: ReadonlyMap<string, string>,
): Composition {
  const author = {
    reference: addresses.get(nameOf(facts.author))!,
    ...(facts.author.name ? { display: facts.author.name } : {}),
  };
  return {
    resourceType: "Composition",
    id: facts.newId(),
    language: facts.language,
    status: "final",
    type: { coding: [{ system: codeSystems.loinc, code: "60591-5" }] },
    subject: { reference: addresses.get(nameOf(facts.patient))! },
    date: facts.at,
    author: [author],
    custodian: author,
    title: ipsTitle[facts.language],
    confidentiality: "N",
    section: sections
      .filter(({ name, resources }) => resources.length > 0 || required.includes(name))
      .map(({ name, resources }) => sectionOf(facts, name, resources, addresses)),
  };
}

function sectionOf(
  { language, withheld }: IpsFacts,
  name: IpsSectionName,
  resources: readonly Resource[],
  addresses: ReadonlyMap<string, string>,
): CompositionSection {
  const head = {
    title: ipsSectionTitles[name][language],
    code: { coding: [{ system: codeSystems.loinc, code: loincOf[name] }] },
  };
  if (resources.length > 0)
    return {
      ...head,
      text: narrativeOf(resources.map((one) => lineOf(one, language)).join("\n"), "generated"),
      entry: resources.map((resource) => ({ reference: addresses.get(nameOf(resource))! })),
    };
  // That nothing is known is never written as "none": who reads it must ask.
  const reason = withheld > 0 && name !== "allergies" ? "withheld" : "unavailable";
  return {
    ...head,
    text: narrativeOf(ipsEmpty[reason][language], "generated"),
    emptyReason: {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-empty-reason", code: reason }],
      text: ipsEmpty[reason][language],
    },
  };
}

const nameOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ""}`;

function takeCompanions(chosen: Map<string, Resource>, known: readonly Resource[]): void {
  const byName = new Map(known.map((resource) => [nameOf(resource), resource]));
  const waiting = [...chosen.values()];
  for (let resource = waiting.pop(); resource; resource = waiting.pop())
    walk(resource, (reference) => {
      const other = byName.get(reference);
      if (other && companions.has(other.resourceType) && !chosen.has(reference)) {
        chosen.set(reference, other);
        waiting.push(other);
      }
      return reference;
    });
}

/** The same resource with references that hold in the document. */
function pointed(
  resource: Resource,
  addresses: ReadonlyMap<string, string>,
  base: string,
): Resource {
  return walk(resource, (reference) => {
    const bare = reference.replace(/\/_history\/[^/]+$/, "");
    if (addresses.has(bare)) return addresses.get(bare)!;
    return /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(\/_history\/.+)?$/.test(reference)
      ? `${base}/${reference}`
      : reference;
  });
}

/** A copy in which every literal reference went through `change`. */
function walk<Value>(value: Value, change: (reference: string) => string): Value {
  if (Array.isArray(value)) return value.map((one) => walk(one, change)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === "reference" && typeof one === "string" ? change(one) : walk(one, change),
    ]),
  ) as Value;
}
