/** What other capabilities, and the other parts of teaching, may ask of planned sessions. */
export {
  leads,
  loadSession,
  loadWatched,
  mayPresent,
  mayWatch,
  type TeachingRights,
  teachingRights,
} from "./access.ts";
export { caseRoutes } from "./case-routes.ts";
export { actOnCase, buildCase } from "./case-service.ts";
export { changeSession, takeTeachingStep, tellSession } from "./change.ts";
export { recordConsent } from "./consent-service.ts";
export { creditRoutes } from "./credit-routes.ts";
export { creditSchedule, creditTasks } from "./credit-tasks.ts";
export { enterSession } from "./live-enter.ts";
export { type LiveListener, takeLiveStep } from "./live-service.ts";
export {
  actOnPlan,
  changePlan,
  draftSession,
  findOwnSession,
  readSession,
} from "./plan-service.ts";
export { addPoll, stepPoll } from "./poll-service.ts";
export type { SessionRow as TeachingSession } from "./repository.ts";
export { enterTeachingRoom } from "./room-service.ts";
export { slideRoutes } from "./slides-routes.ts";
export { beginDeck, completeDeck, currentDeck, listDecks } from "./slides-service.ts";
export { createSlideStore, type SlideStore } from "./slides-store.ts";
export { slideSchedule, slideTasks } from "./slides-tasks.ts";
export { promote, sendBack } from "./stage-service.ts";
export { stillRoutes } from "./still-routes.ts";
export { teachingPlanTasks } from "./tell.ts";
export { createTimelineWriter } from "./timeline-service.ts";
