/**
 * Extract of R4's search parameters: for each resource type its parameters, whose FHIRPath
 * expressions are resolved here against the StructureDefinitions into plain property paths, so that
 * the server never parses an expression. An expression beyond this subset stops the build; the tests
 * compare what the paths find with fhirpath.js.
 */
import type { ElementSource, ReadDefinitions, StructureSource, ValueSetSource } from "./source.ts";

/** One way from a resource to values of one type. */
export type PathEntry = {
  /** Name of what is found, for example `Observation.effective`; parameters that share it share rows. */
  readonly slot: string;
  /** Property names by dots; `*` repeats, `[a=b]` keeps what has that value, `@0` takes one. */
  readonly steps: string;
  /** FHIR type of the values; `exists` for "is there and not false". */
  readonly type: string;
  /** Code system that a required binding implies for a plain code. */
  readonly system?: string;
  /** Only references to this type: `where(resolve() is Patient)`. */
  readonly only?: string;
};

export type ComponentEntry = {
  readonly type: string;
  readonly paths: readonly PathEntry[];
  /** False when the value stands elsewhere than in the repeating element (`%resource.…`). */
  readonly sameItem: boolean;
};

export type ParameterEntry = {
  readonly code: string;
  readonly type: string;
  readonly paths: readonly PathEntry[];
  readonly targets?: readonly string[];
  /** One list of components per place where they stand together. */
  readonly composites?: readonly (readonly ComponentEntry[])[];
};

export type SearchEntry = {
  readonly parameters: readonly ParameterEntry[];
  /** Parameters that put a resource into a patient's compartment. */
  readonly compartment: readonly string[];
};

type ParameterSource = {
  readonly url: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
};
type CompartmentSource = {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
};
/** Where a walk stands: the definition of an element, the names that led there. */
type Place = { readonly type: string; readonly path: string };
type Walk = Place & {
  readonly steps: string;
  readonly slot: string;
  readonly choice: boolean;
  readonly valueSet: string;
};

const TYPE = /^https?:\/\/hl7\.org\/fhirpath\/System\.(\w+)$/;
const SYSTEM_TYPES: Readonly<Record<string, string>> = { String: "string" };
/** What is no property of its own: answered otherwise or refused. */
const WITHOUT_PATH = ["_text", "_content", "_query"];

/** Entries by resource type, and `Resource` for the parameters of all. */
export function extractSearchParameters(read: ReadDefinitions): ReadonlyMap<string, SearchEntry> {
  const elements = elementsOf(read);
  const systems = systemsOf(read);
  const sources = read("search-parameters") as unknown as readonly ParameterSource[];
  const byUrl = new Map(sources.map((source) => [source.url, source]));
  const compartment = compartmentOf(read);
  const found = new Map<string, ParameterEntry[]>();
  for (const source of sources) {
    for (const base of source.base) {
      const name = base === "DomainResource" ? "Resource" : base;
      const list = found.get(name) ?? [];
      found.set(name, list);
      if (WITHOUT_PATH.includes(source.code)) continue;
      list.push(parameterOf(source, name));
    }
  }
  return new Map(
    [...found].sort().map(([type, parameters]) => [
      type,
      {
        parameters: parameters.sort((a, b) => (a.code < b.code ? -1 : 1)),
        compartment: compartment.get(type) ?? [],
      },
    ]),
  );

  function parameterOf(source: ParameterSource, base: string): ParameterEntry {
    const terms = termsFor(source.expression ?? "", base);
    const shared = { code: source.code, type: source.type };
    if (source.type === "composite") {
      const composites = terms.map((term) => {
        const root = walk(term, start(base));
        return (source.component ?? []).map(({ definition, expression }) => {
          const outside = expression.startsWith("%resource.");
          return {
            type: byUrl.get(definition)?.type ?? "token",
            sameItem: !outside,
            paths: outside
              ? pathsOf(expression.replace("%resource.", ""), start(base))
              : root.flatMap((place) => pathsOf(expression, place)),
          };
        });
      });
      return { ...shared, paths: [], composites };
    }
    const paths = terms.flatMap((term) => pathsOf(term, start(base)));
    if (paths.length === 0) throw new Error(`${base} ${source.code}: no path`);
    return source.type === "reference"
      ? { ...shared, paths, targets: source.target ?? [] }
      : { ...shared, paths };
  }

  function pathsOf(expression: string, from: Walk): PathEntry[] {
    return splitTop(expression).flatMap((term) => {
      const deceased = /^(\S+)\.exists\(\) and \1 != false$/.exec(term);
      if (deceased?.[1]) {
        const steps = walk(deceased[1], from).map((place) => place.steps);
        return steps.map((one) => ({ slot: `${deceased[1]}?`, steps: one, type: "exists" }));
      }
      const only = /\.where\(resolve\(\) is (\w+)\)$/.exec(term);
      return walk(only ? term.slice(0, only.index) : term, from).map((place) => {
        const system = place.type === "code" ? systems.get(place.valueSet) : undefined;
        return {
          slot: place.slot,
          steps: place.steps,
          type: place.type,
          ...(system ? { system } : {}),
          ...(only?.[1] ? { only: only[1] } : {}),
        };
      });
    });
  }

  /** Walks one term, choices branching out. */
  function walk(term: string, from: Walk): Walk[] {
    const inner = term.replace(/^\((.*)\)$/, "$1").trim();
    const parts = inner.match(/[A-Za-z]+\([^)]*\)|[A-Za-z]+(\[\d+\])?/g) ?? [];
    if (parts[0] === from.path || parts[0] === "Resource") parts.shift();
    let places: Walk[] = [from];
    for (const part of parts) places = places.flatMap((place) => step(place, part, inner));
    return places;
  }

  function step(place: Walk, part: string, term: string): Walk[] {
    const where = /^where\((\w+)='([^']+)'\)$/.exec(part);
    if (where) {
      const filter = `[${where[1]}=${where[2]}]`;
      return [{ ...place, steps: place.steps + filter, slot: place.slot + filter }];
    }
    const ofType = /^(?:ofType|as)\((\w+)\)$/.exec(part);
    if (ofType?.[1]) {
      const wanted = ofType[1].toLowerCase();
      if (place.type.toLowerCase() !== wanted) return [];
      return [{ ...place, slot: place.choice ? slotOfSteps(place) : place.slot, choice: false }];
    }
    const indexed = /^(\w+)\[(\d+)\]$/.exec(part);
    const name = indexed?.[1] ?? part;
    const element = childOf(place, name);
    if (!element) throw new Error(`${term}: ${place.path} has no ${name}`);
    const many = element.max !== "1" && element.max !== "0";
    const isChoice = element.path.endsWith("[x]");
    return (element.type ?? [{ code: "" }]).map(({ code }) => {
      const property = isChoice ? name + code[0]?.toUpperCase() + code.slice(1) : name;
      const mark = indexed ? `@${indexed[2]}` : many ? "*" : "";
      return {
        type: SYSTEM_TYPES[TYPE.exec(code)?.[1] ?? ""] ?? code,
        path: isInline(code) ? element.path : code,
        steps: `${place.steps ? `${place.steps}.` : ""}${property}${mark}`,
        slot: `${place.slot}.${name}`,
        choice: isChoice,
        valueSet: element.binding?.strength === "required" ? bare(element.binding.valueSet) : "",
      };
    });
  }

  /** After a choice is narrowed the slot is named by the property itself. */
  function slotOfSteps(place: Walk): string {
    const last = place.steps.split(".").at(-1)?.replace("*", "") ?? "";
    return `${place.slot.slice(0, place.slot.lastIndexOf("."))}.${last}`;
  }

  function childOf(place: Place, name: string): ElementSource | undefined {
    const direct =
      elements.get(`${place.path}.${name}`) ?? elements.get(`${place.path}.${name}[x]`);
    if (!direct?.contentReference) return direct;
    return elements.get(direct.contentReference.replace(/^#/, ""));
  }
}

const start = (base: string): Walk => ({
  type: base,
  path: base,
  steps: "",
  slot: base,
  choice: false,
  valueSet: "",
});

const bare = (canonical = "") => canonical.replace(/\|.*$/, "");

/** Elements of these types have no definition of their own: the walk stays on the element's path. */
const isInline = (code: string) => code === "BackboneElement" || code === "Element" || code === "";

/** The terms of a union that speak of this type. */
function termsFor(expression: string, base: string): string[] {
  return splitTop(expression).filter((term) => {
    const owner = /^\(?([A-Z]\w+)/.exec(term)?.[1];
    return owner === undefined || owner === base || owner === "Resource";
  });
}

/** Splits at `|` outside brackets. */
function splitTop(expression: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let term = "";
  for (const letter of expression) {
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (letter === "|" && depth === 0) {
      terms.push(term.trim());
      term = "";
    } else term += letter;
  }
  return [...terms, term.trim()].filter(Boolean);
}

function elementsOf(read: ReadDefinitions): ReadonlyMap<string, ElementSource> {
  const elements = new Map<string, ElementSource>();
  for (const file of ["profiles-types", "profiles-resources"]) {
    for (const source of read(file)) {
      if (source.resourceType !== "StructureDefinition") continue;
      const structure: StructureSource = source;
      if (structure.derivation === "constraint") continue;
      for (const element of structure.snapshot?.element ?? []) elements.set(element.path, element);
    }
  }
  return elements;
}

/** Value sets that are all of one code system. */
function systemsOf(read: ReadDefinitions): ReadonlyMap<string, string> {
  const systems = new Map<string, string>();
  for (const source of read("valuesets")) {
    if (source.resourceType !== "ValueSet") continue;
    const valueSet: ValueSetSource = source;
    const includes = valueSet.compose?.include ?? [];
    const [only] = includes;
    if (includes.length === 1 && only?.system) systems.set(valueSet.url, only.system);
  }
  return systems;
}

function compartmentOf(read: ReadDefinitions): ReadonlyMap<string, readonly string[]> {
  const [source] = read("compartmentdefinition-patient") as unknown as [CompartmentSource];
  return new Map(source.resource.map(({ code, param = [] }) => [code, param]));
}
