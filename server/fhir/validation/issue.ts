/** What a validation reports: a plain form of OperationOutcome.issue. */

/** Codes of http://hl7.org/fhir/issue-type that a validation uses. */
export type IssueCode =
  | "structure"
  | "required"
  | "value"
  | "invariant"
  | "code-invalid"
  | "business-rule"
  | "extension"
  | "not-found"
  | "duplicate"
  | "too-long"
  | "too-costly"
  | "not-supported"
  | "security";

export type ValidationIssue = {
  readonly severity: "error" | "warning";
  readonly code: IssueCode;
  /** Where, as FHIRPath: `Patient.contact[0].gender`. */
  readonly expression: string;
  /** What is wrong, in plain words, without the patient's data beyond codes and names of elements. */
  readonly diagnostics: string;
};

/** Further faults of one resource tell nobody more. */
export const ISSUES_MAX = 100;
