import { Redirect } from "wouter";
import type { StaffView } from "../../api/session.ts";
import { CertificatesPage } from "./certificates-page.tsx";
import { HousePage } from "./house-page.tsx";
import { ListPage } from "./list-page.tsx";
import { CasePage, ReviewsPage } from "./reviews-page.tsx";
import { SeriesListPage, SeriesPage } from "./series-page.tsx";
import { SessionPage } from "./session-page.tsx";

export { wordsReady } from "./frame.tsx";

const lists = new Set(["reviews", "certificates", "cases", "series", "house"]);
const isId = (what: string) => /^[0-9a-f-]{36}$/.test(what);

/** Pages of planning: which one the address asks for; the list where it asks for none that there is. */
export function TeachingPage({
  session,
  what,
  which,
}: {
  session: StaffView;
  what: string | null;
  which: string | null;
}) {
  if (what === null || what === "past" || !(lists.has(what) || isId(what)))
    return <ListPage session={session} past={what === "past"} />;
  if (what === "reviews") return <ReviewsPage session={session} />;
  if (what === "certificates") return <CertificatesPage session={session} />;
  if (what === "series")
    return which ? (
      <SeriesPage key={which} session={session} id={which} />
    ) : (
      <SeriesListPage session={session} />
    );
  if (what === "house")
    return session.permissions.includes("teaching.manage") ? (
      <HousePage session={session} />
    ) : (
      <Redirect to="/teaching" replace />
    );
  if (what === "cases" && which) return <CasePage key={which} session={session} id={which} />;
  if (!isId(what)) return <ListPage session={session} past={false} />;
  return <SessionPage key={what} session={session} id={what} />;
}
