/**
 * Checks compiled from R4's definitions: each type becomes one {@link BlockCheck} per level of
 * elements at its first use, so that a resource is walked once and nothing is looked up twice.
 */
import {
  type ElementDefinition,
  type ElementType,
  type TypeDefinition,
  typeDefinition,
} from "../definitions/types.ts";
import { checkBinding, codeBinding, printable } from "./codes.ts";
import { checkExtension, type Holder } from "./extensions.ts";
import { type Invariant, invariantOf } from "./invariants.ts";
import { jsonType, type PrimitiveCheck, primitives, textProblem } from "./primitives.ts";
import { canonicalProblem, checkReference } from "./references.ts";
import { DEPTH_MAX, isObject, type Json, noteFragment, type Run } from "./run.ts";
import { type Whole, whole } from "./whole.ts";
import { isBlankDiv, NO_CONTENT, xhtmlProblem } from "./xhtml.ts";

/** Checks one value that the element may have. */
type ValueCheck = (value: unknown, run: Run) => void;

type Field = {
  /** Name in paths; for a choice without its type. */
  readonly name: string;
  readonly isMany: boolean;
  readonly max: number | null;
  readonly isPrimitive: boolean;
  /** Which choice of the block it belongs to; -1: none. */
  readonly choice: number;
  readonly check: ValueCheck;
};

type Required = { readonly name: string; readonly keys: readonly string[] };

/** Set by the module that validates resources: contained, entries and parameters lead back to it. */
export const nested: { resource: ValueCheck } = { resource: () => {} };

const types = new Map<string, BlockCheck | undefined>();

/** Check of a complex type or of a resource's elements; undefined for an unknown type. */
export function typeCheck(name: string): BlockCheck | undefined {
  if (types.has(name)) return types.get(name);
  const definition = typeDefinition(name);
  const made = definition && new BlockCheck(definition, "", new Map());
  types.set(name, made);
  return made;
}

export class BlockCheck {
  readonly #fields = new Map<string, Field>();
  readonly #required: Required[] = [];
  readonly #choices: string[] = [];
  readonly #invariants: Invariant[];
  readonly #whole: Whole | undefined;
  readonly #isResource: boolean;
  /** Ids of ElementDefinitions are unique within their snapshot or differential only. */
  readonly #hasUniqueId: boolean;

  constructor(definition: TypeDefinition, block: string, siblings: Map<string, BlockCheck>) {
    siblings.set(block, this);
    this.#isResource = definition.kind === "resource" && block === "";
    this.#hasUniqueId = definition.name !== "ElementDefinition";
    this.#whole = whole([definition.name, block].filter(Boolean).join("."));
    this.#invariants = block === "" ? invariantsOf(definition.invariants, definition.name) : [];
    for (const element of definition.blocks[block] ?? []) {
      this.#add(element, { definition, block, siblings });
    }
  }

  #add(element: ElementDefinition, place: Place): void {
    if (element.max === 0) return;
    const choice = element.isChoice ? this.#choices.push(element.name) - 1 : -1;
    const keys: string[] = [];
    for (const { code, targets } of element.types.length > 0 ? element.types : [BACKBONE]) {
      const key = element.isChoice ? element.name + capital(jsonCode(code)) : element.name;
      keys.push(key);
      this.#fields.set(key, {
        name: element.name,
        isMany: element.max === null || element.max > 1,
        max: element.max,
        isPrimitive: isPrimitive(code),
        choice,
        check: valueCheck(element, { code, targets }, place),
      });
    }
    if (element.min > 0) this.#required.push({ name: element.name, keys });
  }

  /** Checks an object against the block's elements and invariants. */
  check(value: unknown, run: Run): void {
    if (!isObject(value)) {
      run.error("structure", `must be an object, not ${jsonType(value)}`);
      return;
    }
    if (run.depth >= DEPTH_MAX) {
      run.error("too-costly", `is nested deeper than ${DEPTH_MAX} levels`);
      return;
    }
    run.depth += 1;
    this.#checkMembers(value, run);
    for (const { name, keys } of this.#required) {
      if (!keys.some((key) => value[key] !== undefined || value[`_${key}`] !== undefined)) {
        run.error("required", "is required", name);
      }
    }
    this.#whole?.(value, run);
    for (const invariant of this.#invariants) invariant(value, run);
    run.depth -= 1;
  }

  #checkMembers(value: Json, run: Run): void {
    let hasContent = this.#isResource;
    let chosen: (string | undefined)[] | undefined;
    for (const key in value) {
      const member = value[key];
      if (member === undefined) continue;
      if (key !== "id") hasContent = true;
      else if (!this.#isResource && this.#hasUniqueId) checkElementId(member, run);
      const field = this.#fields.get(key);
      if (!field) {
        if (key.charCodeAt(0) === UNDERSCORE) this.#checkLoneCompanion(key, value, run);
        else if (key !== "resourceType" || !this.#isResource) unknownElement(key, run);
        continue;
      }
      if (field.choice >= 0) {
        chosen ??= [];
        const other = chosen[field.choice];
        if (other !== undefined && other !== key) {
          run.error("structure", `only one of ${other} and ${key} may be given`, field.name);
        }
        chosen[field.choice] = key;
      }
      const companion = field.isPrimitive ? value[`_${key}`] : undefined;
      run.path.push(field.name);
      if (field.isMany) checkMany(field, member, companion, run);
      else checkOne(field, member, companion, run);
      run.path.pop();
    }
    if (!hasContent) run.error("invariant", "must have a value or children (ele-1)");
  }

  /** `_name`: the extensions of a primitive `name`, here only when that itself is absent. */
  #checkLoneCompanion(key: string, value: Json, run: Run): void {
    const bare = key.slice(1);
    const field = this.#fields.get(bare);
    if (!field?.isPrimitive) {
      unknownElement(key, run);
      return;
    }
    if (value[bare] !== undefined) return;
    if (field.choice >= 0) {
      const other = Object.keys(value).find(
        (name) => name !== key && this.#fields.get(name.replace(/^_/, ""))?.choice === field.choice,
      );
      if (other)
        run.error("structure", `only one of ${other} and ${bare} may be given`, field.name);
    }
    run.path.push(field.name);
    const companion = value[key];
    if (field.isMany) checkMany(field, undefined, companion, run);
    else checkCompanion(companion, run);
    run.path.pop();
  }
}

type Place = {
  readonly definition: TypeDefinition;
  readonly block: string;
  readonly siblings: Map<string, BlockCheck>;
};

const UNDERSCORE = 95;
const BACKBONE: ElementType = { code: "BackboneElement" };

const capital = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** Profiles of Quantity go by its name. */
const jsonCode = (code: string) => (/^(Simple|Money)Quantity$/.test(code) ? "Quantity" : code);

const isPrimitive = (code: string) => code in primitives || code === "xhtml";

function unknownElement(key: string, run: Run): void {
  run.error("structure", `the element ${printable(key)} is unknown here`);
}

/** `id` of an element: what other resources and pages point at. */
function checkElementId(id: unknown, run: Run): void {
  if (typeof id !== "string" || !run.scope) return;
  if (/\s/.test(id)) run.error("value", "must not contain white space", "id");
  run.scope.elementIds ??= new Set();
  const key = `${run.resourceStart} ${id}`;
  if (run.scope.elementIds.has(key)) {
    run.error("duplicate", "another element of the resource has this id", "id");
  }
  run.scope.elementIds.add(key);
}

function checkOne(field: Field, value: unknown, companion: unknown, run: Run): void {
  if (Array.isArray(value)) {
    run.error("structure", "must be a single value, not a list");
    return;
  }
  if (value === null) {
    run.error("structure", "must not be null");
    return;
  }
  if (companion !== undefined) checkCompanion(companion, run);
  field.check(value, run);
}

function checkMany(field: Field, value: unknown, companions: unknown, run: Run): void {
  if (value !== undefined && !Array.isArray(value)) {
    run.error("structure", `must be a list, not ${jsonType(value)}`);
    return;
  }
  if (companions !== undefined && !Array.isArray(companions)) {
    run.error("structure", "must have its extensions in a list");
    return;
  }
  const values: readonly unknown[] = value ?? [];
  const beside: readonly unknown[] | undefined = companions;
  if ((value && values.length === 0) || beside?.length === 0) {
    run.error("structure", "must not be an empty list");
    return;
  }
  if (field.max !== null && values.length > field.max) {
    run.error("structure", `must not be given more than ${field.max} times`);
  }
  if (value && beside && beside.length > values.length) {
    run.error("structure", "has more extensions than values: fill the values' list with null");
  }
  const at = run.path.push(0) - 1;
  const count = Math.max(values.length, beside?.length ?? 0);
  for (let index = 0; index < count; index += 1) {
    run.path[at] = index;
    const one = values[index] ?? undefined;
    const companion = beside?.[index] ?? undefined;
    if (companion !== undefined) checkCompanion(companion, run);
    if (one !== undefined) {
      if (Array.isArray(one)) run.error("structure", "must not be a list within a list");
      else field.check(one, run);
    } else if (companion === undefined) {
      run.error("structure", "must not be null without an extension beside it");
    }
  }
  run.path.pop();
}

/** A primitive's id and extensions. */
function checkCompanion(companion: unknown, run: Run): void {
  typeCheck("Element")?.check(companion, run);
}

function invariantsOf(definitions: ElementDefinition["invariants"], base: string): Invariant[] {
  return (definitions ?? []).flatMap((definition) => invariantOf(definition, base) ?? []);
}

/** What checks one value of the element in one of its types. */
function valueCheck(
  element: ElementDefinition,
  type: ElementDefinition["types"][number],
  { definition, block, siblings }: Place,
): ValueCheck {
  const described = describedAt(element, block, definition);
  const base = [definition.name, described.path].join(".");
  const invariants = invariantsOf(described.element.invariants, element.isChoice ? "" : base);
  const check = bareCheck(element, type, { definition, block, siblings });
  if (invariants.length === 0) return check;
  return (value, run) => {
    check(value, run);
    for (const invariant of invariants) invariant(value, run);
  };
}

/** An element that is described elsewhere (`Questionnaire.item.item`) keeps the invariants of there. */
function describedAt(element: ElementDefinition, block: string, { blocks }: TypeDefinition) {
  const own = [block, element.name].filter(Boolean).join(".");
  const path = element.block ?? own;
  const cut = path.lastIndexOf(".");
  const elsewhere = blocks[path.slice(0, Math.max(cut, 0))]?.find(
    ({ name }) => name === path.slice(cut + 1),
  );
  return path === own || !elsewhere ? { path: own, element } : { path, element: elsewhere };
}

function bareCheck(
  element: ElementDefinition,
  { code, targets }: ElementDefinition["types"][number],
  { definition, block, siblings }: Place,
): ValueCheck {
  const primitive = primitives[code];
  if (primitive) return primitiveCheck(code, primitive, element.binding?.valueSet);
  if (code === "xhtml") return checkNarrative;
  if (code === "Resource") return (value, run) => nested.resource(value, run);
  if (element.block !== undefined) {
    const key = element.block;
    let inner: BlockCheck | undefined;
    return (value, run) => {
      inner ??= siblings.get(key) ?? new BlockCheck(definition, key, siblings);
      inner.check(value, run);
    };
  }
  let inner: BlockCheck | undefined;
  const structure: ValueCheck = (value, run) => {
    inner ??= typeCheck(code);
    inner?.check(value, run);
  };
  if (code === "Extension") return extensionCheck(structure, element.name, definition, block);
  if (code === "Reference") {
    return (value, run) => {
      structure(value, run);
      if (isObject(value)) checkReference(value, targets, run);
    };
  }
  const url = element.binding?.valueSet;
  if (url === undefined) return structure;
  return (value, run) => {
    structure(value, run);
    checkBinding(code, url, value, run);
  };
}

function primitiveCheck(code: string, check: PrimitiveCheck, url: string | undefined): ValueCheck {
  const isAddress = code === "uri" || code === "url" || code === "canonical";
  const isMember =
    url === undefined || code !== "code" ? undefined : lazily(() => codeBinding(url));
  return (value, run) => {
    const problem = check(value);
    if (problem) {
      run.error("value", problem);
      return;
    }
    if (isAddress) noteAddress(code, value as string, run);
    const isIn = isMember?.();
    if (isIn && !isIn(value as string)) {
      run.error("code-invalid", `${printable(value as string)} is not in the value set ${url}`);
    }
  };
}

/** Remembers what names a contained resource (dom-3) and judges canonical addresses. */
function noteAddress(code: string, value: string, run: Run): void {
  if (value.charCodeAt(0) === HASH) noteFragment(value, run);
  const problem = code === "canonical" ? canonicalProblem(value) : undefined;
  if (problem) run.error("value", problem);
}

const HASH = 35;

function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const checkNarrative: ValueCheck = (value, run) => {
  if (typeof value !== "string") {
    run.error("value", `must be a string, not ${jsonType(value)}`);
    return;
  }
  const problem = textProblem(value) ?? xhtmlProblem(value);
  if (problem) {
    const isHarmless = problem === NO_CONTENT && isBlankDiv(value);
    run.report(isHarmless ? "warning" : "error", "invariant", `${problem} (txt-1, txt-2)`);
  }
};

function extensionCheck(
  structure: ValueCheck,
  name: string,
  definition: TypeDefinition,
  block: string,
): ValueCheck {
  const ancestors =
    block !== ""
      ? ["BackboneElement", "Element"]
      : definition.kind === "resource"
        ? ["DomainResource", "Resource"]
        : ["Element"];
  const holder: Holder = {
    types: new Set([block === "" ? definition.name : `${definition.name}.${block}`, ...ancestors]),
    isModifier: name === "modifierExtension",
    isNested: definition.name === "Extension",
  };
  return (value, run) => {
    structure(value, run);
    if (isObject(value)) checkExtension(value, holder, run);
  };
}
