import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Rules of WCAG 2.2 A and AA, and axe's own advice. */
export const wcagRules = [
  "wcag2a",
  "wcag2aa",
  "wcag21a",
  "wcag21aa",
  "wcag22aa",
  "best-practice",
] as const;

/**
 * What axe-core says of a page: all its rules, or those of some tags. It runs in the page at once; joining
 * frames of other origins, which none of our pages has, would open a second page for every run.
 */
export function askAxe(page: Page, tags?: readonly string[]) {
  // Of what passed one element a rule is enough: describing them all takes a quarter of the time.
  const builder = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode();
  return (tags ? builder.withTags([...tags]) : builder).analyze();
}
