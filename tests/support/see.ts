import { expect } from "@playwright/test";

/** Looks at a page until it shows what is expected: as long as a click would wait, for a busy machine is slower, not wrong. */
export const see = expect.configure({ timeout: 20_000 });
