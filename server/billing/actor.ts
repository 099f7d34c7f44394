import type { Actor } from "../identity/domain.ts";

/** Who writes down what a provider says: nobody of the house, and no patient. */
export const providersWord: Actor = { kind: "system", reason: "payment", language: "zh-CN" };
