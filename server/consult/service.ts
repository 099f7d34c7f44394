/** What other capabilities may ask of consults. */
export { findGuestById, findLiveGuest, openGuestLink } from "./guests.ts";
export { consultTasks } from "./clocks.ts";
export { recordPresence } from "./presence.ts";
export { maySeeConsult } from "./presence.ts";
