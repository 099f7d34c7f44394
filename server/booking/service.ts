/** What other capabilities may ask of booking. */

export { assistHold } from "./assist-service.ts";
export { listCallersWaiting, waitForCaller, withdrawCaller } from "./caller-wait-service.ts";
export { walkIn } from "./clinic-service.ts";
export { cancel, checkIn, confirm, confirmKept, hold, keepHeld } from "./hold-service.ts";
export {
  appointmentState,
  findAhead,
  findAppointmentView,
  findByCode,
  listAppointmentsOf,
} from "./lookup-service.ts";
export type { OpenSchedule, SegmentSeats } from "./openings-repository.ts";
export { locationFacts, scheduleOf, slotsOf } from "./openings-service.ts";
export { type Published, publishAhead, publishSegments } from "./publish-service.ts";
export { publishSchedule, publishTasks } from "./publish-tasks.ts";
export { createQueuePlaces, placesOf } from "./queue-places.ts";
export { createReleaseRooms, type ReleaseRooms } from "./release-rooms.ts";
export { enterRoom } from "./release-service.ts";
export type { AppointmentRow } from "./repository.ts";
export { bookingSchedule, bookingTasks } from "./tasks.ts";
export { findTestSchedules } from "./test-schedules.ts";
export { dayAndTime } from "./texts.ts";
export { bookingCode } from "./waiting.ts";
