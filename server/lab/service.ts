/** What other capabilities may ask of the laboratory. */
export { labFhirRoutes } from "./fhir-routes.ts";
export { followRelease, tellRecalls, tellResults } from "./follow-up.ts";
export { enterReadings, loadPlate, openPlate, readPlate } from "./plate-service.ts";
export { receiveTube } from "./reception-service.ts";
export { countTubes, type LabCounts } from "./repository.ts";
export { labSchedule, labTasks } from "./tasks.ts";
