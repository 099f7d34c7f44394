/** Why a resource cannot be read, or a row cannot be written. */
export type FhirMappingProblem =
  /** An element that our row needs is absent. */
  | "missing"
  /** A code or system that we do not know: rejected, never replaced by a default. */
  | "unknown-code"
  /** Not the resource type, reference, date or shape that belongs there. */
  | "wrong-shape"
  /** Two elements of the resource contradict each other. */
  | "contradiction";

/** `path` is the FHIRPath-like place; values are left out, they may be a patient's. */
export class FhirMappingError extends Error {
  readonly path: string;
  readonly problem: FhirMappingProblem;

  constructor(path: string, problem: FhirMappingProblem) {
    super(`${path}: ${problem}`);
    this.name = "FhirMappingError";
    this.path = path;
    this.problem = problem;
  }
}

/** What `read` finds; null where a resource cannot be read. Other errors are thrown. */
export function readOrNull<Read>(read: () => Read): Read | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof FhirMappingError) return null;
    throw error;
  }
}
