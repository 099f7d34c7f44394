/** What other capabilities may ask of sampling. */
export { listIncoming, receiveRun } from "./courier-service.ts";
export { findDuty, findPeople, findSites, findTubes, registerTest } from "./repository.ts";
export { findOrders, stationsOf, waitingOf } from "./site-repository.ts";
export { makeTubeCode, parseTubeCode } from "./tube-code.ts";
export { viewPerson, viewTube } from "./view.ts";
