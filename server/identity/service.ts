/** What other capabilities may ask of identity. */
export { addAccount } from "./new-account.ts";
export { findPeopleNames, findWithPermission } from "./people.ts";
export { phoneActor, staffRightsAt } from "./rights.ts";
export { type Sender, senderOf } from "./sender.ts";
export { identify, requireRecentAuth, sessionCookie } from "./session-plugin.ts";
export { sessionHours, systemActor } from "./session-service.ts";
export { replaceSession, startStaffSession } from "./sign-in.ts";
export { hashPassword } from "./staff-service.ts";
