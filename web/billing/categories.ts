import type { PriceCategory } from "../../server/billing/domain.ts";

export type { PriceCategory };
export const priceCategories: readonly PriceCategory[] = [
  "consultation",
  "medicine",
  "test",
  "service",
];
