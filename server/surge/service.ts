/** What other capabilities may ask of a surge. */
export { balance } from "./balance-service.ts";
export { surgeSchedule, surgeTasks } from "./tasks.ts";
