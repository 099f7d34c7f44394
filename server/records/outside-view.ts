/** What a patient lets an institution see of a server that we can ask and cannot bind. Pure. */
import { createHash } from "node:crypto";
import type { Resource } from "@medplum/fhirtypes";

/** As a rule of a record store: `recipient` null is every other institution, `label` null everything. */
export type ViewRule = {
  readonly recipient: string | null;
  readonly label: string | null;
  readonly decision: "permit" | "deny";
};

export type SourceView = {
  /** The same under the same words of the patient; a copy is shown only under the view it was taken in. */
  readonly mark: string;
  /** Types that may be asked for at all; undefined: all. */
  readonly only?: readonly string[] | undefined;
  readonly isShown?: (resource: Resource) => boolean;
};

/** Everything: one's own house, an emergency, the person himself. */
export const wholeView: SourceView = { mark: "whole" };
/** Never hidden from whoever treats (records issue). */
const always = "AllergyIntolerance";

/**
 * The rules by which our own stores judge (`fhir.visible`), for a source that knows nothing of them: the
 * narrower rule stands over the wider, a refusal over a permission; what nobody permitted is not shown.
 * @param recipient institution that asks, which is not the source's own
 */
export function viewOf(rules: readonly ViewRule[], recipient: string): SourceView {
  const own = rules.filter((one) => one.recipient === recipient || one.recipient === null);
  const permits = (label: string | null) => {
    const [best] = own
      .filter((one) => one.label === null || one.label === label)
      .sort(
        (a, b) =>
          Number(a.label === null) - Number(b.label === null) ||
          Number(a.recipient === null) - Number(b.recipient === null) ||
          a.decision.localeCompare(b.decision),
      );
    return best?.decision === "permit";
  };
  const mark = createHash("sha256")
    .update(
      [...new Set(own.map((one) => [one.recipient, one.label, one.decision].join("|")))]
        .sort()
        .join("\n"),
    )
    .digest("base64url")
    .slice(0, 22);
  // A label that no rule names is judged as none.
  if (![null, ...own.map((one) => one.label)].some(permits))
    return { mark, only: [always], isShown: (resource) => resource.resourceType === always };
  return {
    mark,
    isShown: (resource) => {
      if (resource.resourceType === always) return true;
      const labels = labelsOf(resource);
      return labels.length === 0 ? permits(null) : labels.every(permits);
    },
  };
}

const labelsOf = (resource: Resource): string[] =>
  (resource.meta?.security ?? []).flatMap((one) => (one.code ? [one.code] : []));
