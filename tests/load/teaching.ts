import { measureChat } from "./broadcast-live.ts";
import type { Suite } from "./suite.ts";

export const suite: Suite = {
  name: "teaching",
  describe: "the chat of a broadcast flooded with 12,000 lines a minute while 800 pages listen",
  minutes: 4,
  run: measureChat,
};
