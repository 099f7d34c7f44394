/** What other capabilities may ask of identity. */
export { systemActor } from "./session-service.ts";
export { replaceSession, startStaffSession } from "./sign-in.ts";
export { hashPassword } from "./staff-service.ts";
