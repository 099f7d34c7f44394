/** Data types and resources: elements, cardinalities, types, required bindings, invariants. */
import type {
  ElementDefinition,
  ElementType,
  InvariantDefinition,
  TypeDefinition,
} from "../../server/fhir/definitions/types.ts";
import type { ElementSource, ReadDefinitions, StructureSource } from "./source.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";
const MAX_VALUE_SET = `${CORE}elementdefinition-maxValueSet`;
const BEST_PRACTICE = `${CORE}elementdefinition-bestpractice`;
const SYSTEM_TYPE = "http://hl7.org/fhirpath/System.";
/** The one value set that is written as an address without being one of FHIR. */
const MIME_TYPES_ADDRESS = "http://www.rfc-editor.org/bcp/bcp13.txt";
const MIME_TYPES = "http://hl7.org/fhir/ValueSet/mimetypes";

/** One entry per complex type and resource, by name. */
export function extractTypes(read: ReadDefinitions): ReadonlyMap<string, TypeDefinition> {
  return new Map(structures(read).map((source) => [source.name, typeOf(source)]));
}

/** One entry `resources`: the names of the types of which there can be instances. */
export function extractTypeNames(read: ReadDefinitions): ReadonlyMap<string, readonly string[]> {
  const names = structures(read)
    .filter(({ kind, abstract, name }) => kind === "resource" && !abstract && !isLogical(name))
    .map(({ name }) => name)
    .sort();
  return new Map([["resources", names]]);
}

/** Listed among R4's resources, but not one. */
const isLogical = (name: string) => name === "MetadataResource";

function structures(read: ReadDefinitions): StructureSource[] {
  return [...read("profiles-types"), ...read("profiles-resources")]
    .filter((found) => found.resourceType === "StructureDefinition")
    .filter(({ kind, name }) => kind !== "primitive-type" && !isLogical(name));
}

function typeOf(source: StructureSource): TypeDefinition {
  const elements = source.snapshot?.element ?? [];
  const root = elements[0]?.path ?? source.type;
  const blocks: Record<string, ElementDefinition[]> = {};
  for (const element of elements.slice(1)) {
    const below = element.path.slice(root.length + 1).split(".");
    const name = below.pop() ?? "";
    const block = below.join(".");
    const nested = elements.some(({ path }) => path.startsWith(`${element.path}.`));
    blocks[block] ??= [];
    blocks[block].push(elementOf(element, name, { source, root, nested }));
  }
  return {
    name: source.name,
    kind: source.kind === "resource" ? "resource" : "complex-type",
    ...(source.abstract && { isAbstract: true as const }),
    ...(elements.some(({ path }) => path === `${root}.contained`) && {
      isDomainResource: true as const,
    }),
    blocks,
    invariants: invariantsOf(elements[0], source),
  };
}

function elementOf(
  element: ElementSource,
  name: string,
  { source, root, nested }: { source: StructureSource; root: string; nested: boolean },
): ElementDefinition {
  const isChoice = name.endsWith("[x]");
  const valueSet = valueSetOf(element);
  const invariants = invariantsOf(element, source);
  const block = element.contentReference
    ? element.contentReference.slice(`#${root}.`.length)
    : nested
      ? element.path.slice(root.length + 1)
      : undefined;
  return {
    name: isChoice ? name.slice(0, -"[x]".length) : name,
    ...(isChoice && { isChoice: true as const }),
    min: element.min ?? 0,
    max: element.max === "*" ? null : Number(element.max ?? 1),
    types: (element.type ?? []).map((type) => elementType(type, name, source)),
    ...(block && { block }),
    ...(element.isSummary && { isSummary: true as const }),
    ...(valueSet && { binding: { valueSet } }),
    ...(invariants.length > 0 && { invariants }),
  };
}

function elementType(
  type: NonNullable<ElementSource["type"]>[number],
  name: string,
  source: StructureSource,
): ElementType {
  if (type.code.startsWith(SYSTEM_TYPE)) {
    if (name === "url") return { code: "uri" };
    return { code: source.kind === "resource" && name === "id" ? "id" : "string" };
  }
  const [profile] = type.profile ?? [];
  const targets = (type.targetProfile ?? []).map((url) => url.slice(CORE.length));
  return {
    code: profile?.startsWith(CORE) ? profile.slice(CORE.length) : type.code,
    // A Reference(Any) names Resource: everything is allowed.
    ...(targets.length > 0 && !targets.includes("Resource") && { targets }),
  };
}

/** Only what binds: required bindings, and the maximum of looser ones. */
function valueSetOf({ binding }: ElementSource): string | undefined {
  const maximum = binding?.extension?.find(({ url }) => url === MAX_VALUE_SET)?.valueCanonical;
  const canonical = binding?.strength === "required" ? binding.valueSet : maximum;
  const [url] = canonical?.split("|") ?? [];
  return url === MIME_TYPES_ADDRESS ? MIME_TYPES : url;
}

/** Its own ones: what Element, Extension and DomainResource say of all is checked without them. */
function invariantsOf(
  element: ElementSource | undefined,
  source: StructureSource,
): InvariantDefinition[] {
  return (element?.constraint ?? [])
    .filter((one) => one.source === undefined || one.source === source.url)
    .filter((one) => !one.extension?.some(({ url }) => url === BEST_PRACTICE))
    .filter((one) => one.expression !== undefined)
    .map(({ key, severity, human, expression = "" }) => ({
      key,
      severity: severity === "error" ? "error" : "warning",
      human,
      expression,
    }));
}
