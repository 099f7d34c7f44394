import { Link } from "wouter";
import type { LoopKind } from "../../server/referral/board-contract.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { type House, kindWords } from "./numbers.ts";

/** Where the list behind a number is: an address of its own, so that it can be sent. */
export function behindAddress(what: LoopKind, days: number, houseId?: string | null, page = 1) {
  const query = new URLSearchParams({ days: String(days) });
  if (houseId) query.set("house", houseId);
  if (page > 1) query.set("page", String(page));
  return `/loops/${what}?${query}`;
}

/** A number of the board, with the way to what it counts; nothing to count, nothing to open. */
export function NumberLink({
  what,
  count,
  days,
  house,
}: {
  what: LoopKind;
  count: number;
  days: number;
  house?: Pick<House, "id" | "institution">;
}) {
  const t = useText();
  const nameOf = useNameOf();
  if (count === 0) return t("loops.nothing");
  return (
    <Link
      className="loops-number"
      href={behindAddress(what, days, house?.id)}
      aria-label={t("loops.behind.link", {
        count,
        what: kindWords(t, what),
        house: house ? nameOf(house.institution) : t("loops.behind.all"),
      })}
    >
      {count}
    </Link>
  );
}
