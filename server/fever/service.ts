/** What other capabilities may ask of fever care. In the database: `app.has_fever_visit(patient, at)`. */

export { actOnVisit } from "./action-service.ts";
export { announceFever } from "./announce-service.ts";
export { readBlock } from "./block-service.ts";
export { feverFhirRoutes } from "./fhir-routes.ts";
export { loadFeverRules } from "./policy-service.ts";
export { publishedQuestionnaires } from "./published.ts";
export { answerQuestionnaire, readQuestionnaire } from "./screening-service.ts";
export { feverTasks } from "./tasks.ts";
export { admitVisit, measure, readVisit, writeRegister } from "./visit-service.ts";
