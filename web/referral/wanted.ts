import { useLanguage, useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";
import { usePathways } from "./queries.ts";
import { inWords } from "./words.ts";

/** What the receiving house of the chosen way wants to read, as a reminder beside the results. */
export function useWanted({ referral, content }: Fields): string | undefined {
  const t = useText();
  const language = useLanguage();
  const way = usePathways(referral.direction, content.pathwayId).data?.pathways.find(
    (one) => one.id === content.pathwayId,
  );
  if (!way || way.wantedResults.length === 0) return undefined;
  return t("referral.pathway.wanted", {
    names: way.wantedResults.map((one) => inWords(one, language)).join(t("common.listSeparator")),
  });
}
