/** Exports and imports of many records: what the composition root uses. */
export { exportRoutes } from "./export-routes.ts";
export { type BulkFiles, createBulkFiles } from "./files.ts";
export { importRoutes } from "./import-routes.ts";
export { bulkSchedule, bulkTasks, sweepBulk } from "./tasks.ts";
