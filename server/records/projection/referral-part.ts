/** Two-way referrals and their episodes, in the stores of the houses that are party to them. */
import type { ProjectionPart } from "./projected.ts";

export const referralPart: ProjectionPart = {
  idsAfter: async () => [],
  project: async () => [],
};
export const episodePart: ProjectionPart = referralPart;
