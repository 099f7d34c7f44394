/** What the record store and its API use of the search. */
export { parametersOf, searchableTypes } from "./definitions.ts";
export { compartmentOf, type EverythingRequest, everything } from "./everything.ts";
export { meetsInMemory } from "./in-memory.ts";
export { indexRows, patientsOf } from "./index-rows.ts";
export { linksOf } from "./links.ts";
export { type ParseOptions, parseSearch } from "./parse.ts";
export { targetsOf } from "./parse-test.ts";
export type { SearchRequest } from "./request.ts";
export type { IndexRows } from "./rows.ts";
export { runSearch, type SearchPage } from "./run.ts";
export type { FoundResource, SearchContext, SearchTx } from "./transaction.ts";
