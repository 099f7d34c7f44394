/** What others may use of formularies. Pure. */
export { type EffectCode, effectCodes, effects } from "./effects.ts";
export {
  type FormularyTables,
  type ImportFault,
  type ImportReport,
  importFaults,
  parseFormulary,
} from "./import.ts";
export * from "./medicine.ts";
export { type MedicineIndex, searchIndex } from "./search.ts";
