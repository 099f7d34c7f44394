/** What other capabilities may ask of beds. In the database: `app.hold_bed`, `app.capacity_counts`. */
export { holdEndsTask } from "./announce.ts";
export { type Away, absencesOf, type DepartmentAbsence, whoIsThere } from "./away-service.ts";
export { actOnBed, addUnit, admitDirectly, expectDischarge } from "./bed-service.ts";
export {
  type Alternative,
  alternativesTo,
  capacityOf,
  type DepartmentCapacity,
  type UnitCapacity,
} from "./counts-service.ts";
export {
  admitHold,
  discharge,
  extendHold,
  findHold,
  type HoldAsk,
  holdBed,
  releaseHold,
} from "./hold-service.ts";
export type { HoldRow as BedHold, StayRow as BedStay } from "./repository.ts";
export { orderSwitch } from "./switch-service.ts";
export { capacitySchedule, capacityTasks, type HoldEndListener } from "./tasks.ts";
