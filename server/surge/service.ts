/** What other capabilities may ask of a surge. */
export { type Balanced, balance } from "./balance-service.ts";
export { surgeSchedule, surgeTasks } from "./tasks.ts";
export { tellMoved } from "./tell-service.ts";
