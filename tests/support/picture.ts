import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";

const SCREENS = "tests/output/screens";

/**
 * Keeps a picture of a page in tests/output/screens for whoever wants to look: `PICTURES=1 npm test -- tests/journeys`.
 * Not otherwise: drawing them all takes a sixth of the journeys' time, and nobody looks at those of a passed run.
 */
export async function keepPicture(
  page: Page,
  name: string,
  options: { fullPage?: boolean } = {},
): Promise<void> {
  if (!process.env.PICTURES) return;
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: `${SCREENS}/${name}.png`, ...options });
}
