import type { z } from "zod";
import type { grantList } from "../../server/smart/contract.ts";
import type { Translate } from "../i18n/i18n.ts";

export type Grant = z.infer<typeof grantList>["grants"][number];
export type Group = Grant["groups"][number];

/** One kind of records in plain words, and whether an app writes it too. */
export function groupWords({ group, reads, writes }: Group, t: Translate): string {
  const what = t(`apps.group.${group}`);
  if (!writes) return what;
  return t(reads ? "apps.readsAndWrites" : "apps.writesOnly", { what });
}
