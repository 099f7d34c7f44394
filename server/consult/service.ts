/** What other capabilities may ask of consults. */
export { assertMayOpenConsult } from "./access.ts";
export { consultTasks } from "./clocks.ts";
export { findGuestById, findLiveGuest, openGuestLink } from "./guests.ts";
export { recordPresence } from "./presence.ts";
