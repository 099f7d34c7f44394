/** What other capabilities may ask of transfers. */
export { transferSchedule, transferTasks } from "./tasks.ts";
export { actOnTransfer, beginTransfer, transferOf } from "./transfer-service.ts";
