/** What the record store and its API use of the search. */
export { indexRows, patientsOf } from "./index-rows.ts";
export type { IndexRows } from "./rows.ts";
