/** What other capabilities may ask of formularies. */
export { starterFormulary, starterTables } from "./starter.ts";
