/** What other capabilities may ask of formularies. */
export { starterFormulary, starterTables } from "./starter.ts";
export {
  currentFormulary,
  type LoadedFormulary,
  loadFormulary,
  loadStarterFormulary,
} from "./version-service.ts";
