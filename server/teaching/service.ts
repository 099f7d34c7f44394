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
export { changeSession, takeTeachingStep, tellSession } from "./change.ts";
export { actOnPlan, changePlan, draftSession, readSession } from "./plan-service.ts";
export type { SessionRow as TeachingSession } from "./repository.ts";
export { enterTeachingRoom } from "./room-service.ts";
export { slideRoutes } from "./slides-routes.ts";
export { currentDeck, listDecks } from "./slides-service.ts";
export { createSlideStore, type SlideStore } from "./slides-store.ts";
export { slideSchedule, slideTasks } from "./slides-tasks.ts";
export { teachingPlanTasks } from "./tell.ts";
