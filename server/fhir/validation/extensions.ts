/** Extensions: form, and for those that R4 defines itself where they stand and what they hold. */
import { type ExtensionDefinition, extensionDefinition } from "../definitions/extensions.ts";
import { typeDefinition } from "../definitions/types.ts";
import { codeBinding, printable } from "./codes.ts";
import { type Json, objectsOf, type Run } from "./run.ts";

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const OWN = "http://hl7.org/fhir/StructureDefinition/";

/** What the element that carries an extension is, for the contexts of definitions. */
export type Holder = {
  /** Its type and the types that one descends from. */
  readonly types: ReadonlySet<string>;
  readonly isModifier: boolean;
  /** Within an extension: its `url` is that part's name. */
  readonly isNested: boolean;
};

/** Checks an extension beyond its structure (ext-1 included). */
export function checkExtension(extension: Json, holder: Holder, run: Run): void {
  const { url } = extension;
  const valueKey = valueKeyOf(extension);
  const hasParts = extension.extension !== undefined;
  if ((valueKey !== undefined) === hasParts) {
    run.error("invariant", "needs either a value or extensions within it, not both (ext-1)");
  }
  if (typeof url !== "string" || url === "") return;
  if (!ABSOLUTE.test(url)) {
    if (!holder.isNested) run.error("extension", "must be an absolute address", "url");
    return;
  }
  const definition = extensionDefinition(url);
  if (definition) checkAgainst(definition, extension, { holder, valueKey, run });
  else if (url.startsWith(OWN) && !holder.isNested) {
    // Later versions and HL7's guides define further ones there, which R4 may carry.
    run.warn("extension", `${printable(url)} is not an extension of R4`, "url");
  }
}

function checkAgainst(
  definition: ExtensionDefinition,
  extension: Json,
  { holder, valueKey, run }: { holder: Holder; valueKey: string | undefined; run: Run },
): void {
  if (!holder.isNested && !isAllowedHere(definition, holder, run)) {
    run.error("extension", `this extension belongs on ${definition.contexts.join(", ")}`, "url");
  }
  if (holder.isModifier !== (definition.isModifier ?? false) && !holder.isNested) {
    run.error(
      "extension",
      definition.isModifier ? "must be a modifierExtension" : "must not be a modifierExtension",
      "url",
    );
  }
  checkValue(definition.values, valueKey, run);
  if (definition.valueSet && valueKey === "valueCode") {
    const isIn = codeBinding(definition.valueSet);
    const code = extension.valueCode;
    if (isIn && typeof code === "string" && !isIn(code)) {
      run.error("code-invalid", `is not in the value set ${definition.valueSet}`, "value");
    }
  }
  if (!definition.parts) return;
  const parts = objectsOf(extension.extension);
  for (const [name, part] of Object.entries(definition.parts)) {
    const found = parts.filter(({ url }) => url === name);
    if (found.length < part.min) run.error("extension", `lacks its part ${name}`);
    if (part.max !== null && found.length > part.max) {
      run.error("extension", `has its part ${name} more than ${part.max} times`);
    }
    for (const one of found) checkValue(part.values, valueKeyOf(one), run);
  }
  if (MISNAMED.has(String(extension.url))) return;
  for (const { url } of parts) {
    if (typeof url === "string" && !ABSOLUTE.test(url) && !definition.parts[url]) {
      run.error("extension", `has the part ${url}, which is not defined`);
    }
  }
}

function checkValue(allowed: readonly string[], valueKey: string | undefined, run: Run): void {
  if (valueKey === undefined) return;
  if (allowed.length === 0) {
    run.error("extension", "holds a value where only extensions belong");
  } else if (
    !allowed.some((type) => valueKey === `value${type[0]?.toUpperCase()}${type.slice(1)}`)
  ) {
    run.error("extension", `its value must be of type ${allowed.join(" or ")}`);
  }
}

function isAllowedHere({ contexts }: ExtensionDefinition, { types }: Holder, run: Run): boolean {
  if (contexts.some((context) => types.has(context) || context === "Element")) return true;
  // On a primitive only Element is known here: any primitive type may be meant.
  if (types.has(PRIMITIVE) && contexts.some((context) => /^[a-z]/.test(context))) return true;
  // Contexts name elements too; an extension of its own element is the last but one of the path.
  const path = run.elementPath().replace(/\.(extension|modifierExtension)$/, "");
  return contexts.some((context) => {
    if (!context.includes(".")) return isSpecial(context);
    return path === context || path === context.replace("[x]", "") || endsLike(path, context);
  });
}

/** Recursive elements (`Questionnaire.item.item`) and elements of types (`ElementDefinition.type`). */
function endsLike(path: string, context: string): boolean {
  const [head = "", ...tail] = context.replaceAll("[x]", "").split(".");
  if (path.split(".")[0] === head) {
    return path.replace(/(\.[a-zA-Z]+)\1+/g, "$1") === context.replaceAll("[x]", "");
  }
  // A type's element: only its last names can be compared here.
  return typeDefinition(head)?.kind !== "resource" && path.endsWith(`.${tail.join(".")}`);
}

/** Contexts that are not elements of R4 types, for example of logical models. */
const isSpecial = (context: string) =>
  typeDefinition(context) === undefined && !/^[a-z]/.test(context);

/** The type that carries the extensions of primitives. */
const PRIMITIVE = "Element";
/** R4 calls the part `url`, its own examples `uri`. */
const MISNAMED = new Set([`${OWN}hla-genotyping-results-glstring`]);

function valueKeyOf(extension: Json): string | undefined {
  for (const key in extension) {
    if (key.startsWith("value")) return key;
    if (key.startsWith("_value")) return key.slice(1);
  }
  return undefined;
}
