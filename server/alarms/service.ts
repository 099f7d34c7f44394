/** Durable clocks: set in the transaction of what they watch over, fired once, also after a restart. */
export { type AlarmRow, type NewAlarm, putAlarm, stopAlarms } from "./repository.ts";
export { type AlarmHandler, type AlarmHandlers, startAlarms } from "./runner.ts";
