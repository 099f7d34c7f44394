/** What other capabilities may ask of prescriptions. */
export { prescriptionAlarms } from "./clocks.ts";
export { countBatch } from "./dispense-service.ts";
