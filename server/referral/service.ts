/** What other capabilities may ask of two-way referral. */
export { act } from "./action-service.ts";
export { hearOfHoldEnd } from "./bed-service.ts";
export { carriedAway, carriedIn } from "./carried-service.ts";
export { asOurOwn } from "./change.ts";
export { hearOfAcknowledgement, referralAlarms } from "./clocks.ts";
export {
  actAsHouse,
  bookedWords,
  type HouseStep,
  loadForHouse,
  missingOfStep,
  stepsOfHouse,
  wasWithdrawn,
} from "./house-service.ts";
export { createReferral, recordConsent, saveDraft } from "./request-service.ts";
export { draftIn, sendIn, type WrittenElsewhere } from "./take-in-service.ts";
