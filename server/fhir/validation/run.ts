/** State of one validation: where it stands, what it found, which resource surrounds it. */
import { ISSUES_MAX, type IssueCode, type ValidationIssue } from "./issue.ts";

/** A JSON object whose members have not been looked at. */
export type Json = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The list in a member that may be absent or wrong. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Objects of a list; whatever else it holds is reported elsewhere. */
export const objectsOf = (value: unknown): readonly Json[] => listOf(value).filter(isObject);

/** A resource that is no other's contained one, with what lies in it. */
export type Scope = {
  readonly resource: Json;
  /** Contained resources by id. */
  readonly contained: ReadonlyMap<string, Json>;
  /** Ids that some reference or address inside names with `#`. */
  readonly named: Set<string>;
  /** Ids of its elements as far as they have any, each once. */
  elementIds: Set<string> | undefined;
  /** Whether a reference `#` to the containing resource was seen since it was last reset. */
  namesContainer: boolean;
};

/** Resources of the Bundle around, for references between its entries. */
export type BundleScope = {
  readonly type: unknown;
  /** By full address. */
  readonly byFullUrl: ReadonlyMap<string, Json>;
};

export class Run {
  readonly issues: ValidationIssue[] = [];
  /** Names and indexes from the outermost resource on. */
  readonly path: (string | number)[] = [];
  /** Where in the path the resource at hand begins. */
  resourceStart = 0;
  resourceType = "";
  /** The resource at hand, contained or not: `%resource`. */
  resource: Json | undefined;
  scope: Scope | undefined;
  bundle: BundleScope | undefined;
  /** Invariants evaluated as FHIRPath so far; see invariants.ts. */
  evaluations = 0;
  /** Objects within objects; see {@link DEPTH_MAX}. */
  depth = 0;

  error(code: IssueCode, diagnostics: string, below?: string): void {
    this.report("error", code, diagnostics, below);
  }

  warn(code: IssueCode, diagnostics: string, below?: string): void {
    this.report("warning", code, diagnostics, below);
  }

  report(
    severity: ValidationIssue["severity"],
    code: IssueCode,
    diagnostics: string,
    below?: string,
  ): void {
    if (this.issues.length >= ISSUES_MAX) return;
    const here = this.expression();
    const expression = below === undefined ? here : here ? `${here}.${below}` : below;
    this.issues.push({ severity, code, expression, diagnostics });
  }

  /** Where the run stands, as FHIRPath. */
  expression(): string {
    let text = "";
    for (const part of this.path) {
      text += typeof part === "number" ? `[${part}]` : text ? `.${part}` : part;
    }
    return text;
  }

  /** Path of the element in the definition of its resource: `Patient.contact.name`. */
  elementPath(): string {
    let text = this.resourceType;
    for (let at = this.resourceStart; at < this.path.length; at += 1) {
      const part = this.path[at];
      if (typeof part === "string") text += `.${part}`;
    }
    return text;
  }
}

/** Remembers that something names a contained resource, or with a bare `#` what contains it (dom-3). */
export function noteFragment(value: string, { scope }: Run): void {
  if (!scope) return;
  if (value === "#") scope.namesContainer = true;
  else scope.named.add(value.slice(1));
}

/** Deeper than any record anybody wrote; a guard against input made to exhaust the stack. */
export const DEPTH_MAX = 64;
