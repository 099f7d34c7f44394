import type { StoreTx } from "../store/database.ts";
import { searchPage } from "../store/search-seam.ts";
import { type Answer, type BundleEntry, bundleText, withheldEntry } from "./answer.ts";
import { inForm } from "./form.ts";
import type { Endpoint } from "./get.ts";
import type { Pair, ResultOptions } from "./options.ts";

/**
 * A search of one type, or of all at the base.
 * @throws DomainError of the search: nothing is ever answered less filtered than asked
 */
export async function searchAnswer(
  { store, context }: Endpoint,
  type: string | null,
  pairs: readonly Pair[],
  form: ResultOptions,
  strict: boolean,
  tx?: StoreTx,
): Promise<Answer> {
  const run = (own: StoreTx) => searchPage(own, context, type, pairs, strict);
  const page = await (tx ? run(tx) : store.transaction(context, run));
  const isCount = page.request.summary === "count";
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      at: context.at,
      total: page.total,
      links: page.links,
      entries: [
        ...(isCount ? [] : page.entries).map(
          (one): BundleEntry => ({
            fullUrl: `${context.base}/${one.type}/${one.id}`,
            text: inForm(one.content, one.mode === "match" ? form : { ...form, elements: [] }),
            search: one.mode,
          }),
        ),
        ...(page.remarks.length > 0 ? [remarks(page.remarks)] : []),
        ...(page.withheld > 0 ? [withheldEntry(page.withheld)] : []),
      ],
    }),
  };
}

function remarks(list: readonly { code: string; text: string }[]): BundleEntry {
  return {
    search: "outcome",
    text: JSON.stringify({
      resourceType: "OperationOutcome",
      issue: list.map(({ code, text }) => ({ severity: "warning", code, diagnostics: text })),
    }),
  };
}
