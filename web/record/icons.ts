export { retry } from "../design/icons.ts";
export { lock } from "../design/icons-work.ts";
