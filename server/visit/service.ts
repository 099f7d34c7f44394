/** What other capabilities may ask of video visits. */
export { visitAlarms } from "./clocks.ts";
export { setDuty } from "./doctor-service.ts";
export { assertMayOpenVisitFile, recordVisitPresence } from "./room-service.ts";
