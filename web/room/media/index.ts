export { playRoom } from "./audio-sink.ts";
export * from "./client.ts";
export type * from "./types.ts";
