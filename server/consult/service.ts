/** What other capabilities may ask of consults. */
export { assertMayOpenAttachment, assertMayReadFile } from "./access.ts";
export { act } from "./action-service.ts";
export { consultTasks } from "./clocks.ts";
export { setParticipants } from "./desk-service.ts";
export { findGuestById, findLiveGuest, openGuestLink } from "./guests.ts";
export { prepareDocument, saveOpinion, signOpinion } from "./opinion-service.ts";
export { usualOxygen } from "./oxygen-range.ts";
export { recordPresence } from "./presence.ts";
export { createConsult, readConsult, recordConsent } from "./request-service.ts";
