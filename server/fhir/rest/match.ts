import { DomainError } from "../../errors/domain-error.ts";
import { matchPatients, matchQuestionOf } from "../match/service.ts";
import type { Answer } from "./answer.ts";
import { type BundleEntry, bundleText } from "./answer.ts";
import { inForm } from "./form.ts";
import type { Endpoint } from "./get.ts";
import { type Pair, safe, splitForm } from "./options.ts";

/**
 * `Patient/$match` (R4 patient-operation-match.html).
 * @throws DomainError of the question, `permission.denied`
 */
export async function matchAnswer(
  { store, context }: Endpoint,
  pairs: readonly Pair[],
  body: unknown,
): Promise<Answer> {
  const { form, rest } = splitForm(pairs);
  if (rest.length > 0)
    throw new DomainError("fhir.request", {
      reason: `the parameter ${safe(rest[0]![0])} is not known here`,
    });
  const question = matchQuestionOf(body);
  const { matches, isAmbiguous } = await store.transaction(context, (tx) =>
    matchPatients(tx, context, question),
  );
  const entries = matches.map(
    ({ id, text, grade, score }): BundleEntry => ({
      fullUrl: `${context.base}/Patient/${id}`,
      text: inForm(text, form),
      search: "match",
      match: { grade, score },
    }),
  );
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      at: context.at,
      total: matches.length,
      entries: isAmbiguous ? [ambiguous] : entries,
    }),
  };
}

const ambiguous: BundleEntry = {
  search: "outcome",
  text: JSON.stringify({
    resourceType: "OperationOutcome",
    issue: [
      {
        severity: "warning",
        code: "multiple-matches",
        diagnostics:
          "More than one patient is certain, so none is answered: two records may be one person",
      },
    ],
  }),
};
