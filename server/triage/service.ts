/** What other capabilities may ask of triage. */
export {
  assess,
  findAssessment,
  findLatestAssessment,
  type TriageAssessment,
} from "./assessment-service.ts";
export { triageAlarms } from "./check-clocks.ts";
export { findRuleWords, loadTriageRules } from "./rule-sets.ts";
export { askAfterHomeAdvice, triageSchedule, triageTasks } from "./tasks.ts";
