import type { StoreTx } from "../store/database.ts";
import { searchPage } from "../store/search-seam.ts";
import { type Answer, type BundleEntry, bundleText } from "./answer.ts";
import { inForm } from "./form.ts";
import { type Endpoint, linksOf } from "./get.ts";
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
  tx?: StoreTx,
): Promise<Answer> {
  const run = (own: StoreTx) => searchPage(own, context, type, pairs, form.summary);
  const page = await (tx ? run(tx) : store.transaction(context, run));
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      at: context.at,
      total: page.total,
      links: linksOf(context.base, type ?? "", pairs, page.next),
      entries: page.entries.map(
        (one): BundleEntry => ({
          fullUrl: `${context.base}/${one.type}/${one.id}`,
          text: inForm(one.text, form),
          search: one.mode,
        }),
      ),
    }),
  };
}
