/** What other capabilities may ask of the hotline. */
export { receiveSms } from "./sms-service.ts";
export { hotlineSchedule, hotlineTasks } from "./tasks.ts";
