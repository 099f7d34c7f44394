/** A referral as one house is shown it, straight from our tables: for whoever cannot wait for the store. */
import type { Resource, Task } from "@medplum/fhirtypes";
import type { Reading } from "./projected.ts";
import { referralPart } from "./referral-part.ts";

/** Everything of one referral that this institution has, the Task among it; empty where it has none. */
export async function referralResources(reading: Reading, referralId: string): Promise<Resource[]> {
  const items = await referralPart.project(reading, [referralId], (_id, error) => {
    throw error;
  });
  return items.flatMap(({ resource }) => (resource ? [resource] : []));
}

/** @returns null where it never was this institution's */
export async function referralTask(reading: Reading, referralId: string): Promise<Task | null> {
  const found = await referralResources(reading, referralId);
  return found.find((one): one is Task => one.resourceType === "Task") ?? null;
}
