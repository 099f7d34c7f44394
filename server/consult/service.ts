/** What other capabilities may ask of consults. */
export { consultTasks } from "./clocks.ts";
export { findGuestById, findLiveGuest, openGuestLink } from "./guests.ts";
export { recordPresence } from "./presence.ts";
