/** What other capabilities may ask of critical values and infectious-disease reports. */
export { reportingTasks } from "./clocks.ts";
export { actOnCriticalValue, raiseCriticalValue } from "./critical-service.ts";
export { actOnReport, createReport, readReport } from "./report-service.ts";
export { loadDiseases, settingOf } from "./settings.ts";
export { takeBackCriticalValue, takeBackReport } from "./take-back-service.ts";
