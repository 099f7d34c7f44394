/** What the composition root needs of referrals to and from houses outside. */
export { referralTasks } from "./fhir-hook.ts";
export { outsideHouseRoutes } from "./routes.ts";
export { outsideAlarms, outsideTasks } from "./tasks.ts";
