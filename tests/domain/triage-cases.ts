/** The written cases with their sources: the rules page tries drafts on the same table. */
export { type WrittenCase, writtenCases } from "../../server/triage/written-cases.ts";
