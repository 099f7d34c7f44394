/** Which booking schedule a site has its seats from. */
import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findTestSchedules } from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { siteList, siteScheduleBody } from "./contract.ts";
import { samplingSite } from "./schema.ts";

/** The own institution's schedules of tests: open ones that no site has, and those that a site has. */
export async function schedulesOfSites(
  { tx, actor }: Work<StaffActor>,
  linked: ReadonlySet<string>,
): Promise<z.input<typeof siteList>["schedules"]> {
  const schedules = await findTestSchedules(tx, actor.institutionId);
  return schedules
    .filter((one) => one.active || linked.has(one.id))
    .map(({ active: _, ...one }) => ({ ...one, taken: linked.has(one.id) }));
}

/**
 * People book at this site from now on, or no longer. Whoever booked on the schedule before is expected here.
 * @throws DomainError `permission.denied`, `request.not-found` for a site of another institution,
 *   `sampling.schedule` for a schedule that is not of tests, not of the own institution or another site's,
 *   `sampling.schedule-booked` while people hold seats of the schedule that would be taken away
 */
export async function linkSchedule(
  work: Work<StaffActor>,
  siteId: string,
  { scheduleId }: z.output<typeof siteScheduleBody>,
): Promise<{ ok: true }> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "sampling.lead");
  const [site] = await tx
    .select({ scheduleId: samplingSite.scheduleId })
    .from(samplingSite)
    .where(and(eq(samplingSite.id, siteId), eq(samplingSite.institutionId, actor.institutionId)));
  if (!site) throw new DomainError("request.not-found");
  if (site.scheduleId === scheduleId) return { ok: true };
  if (scheduleId) {
    const own = await findTestSchedules(tx, actor.institutionId);
    if (!own.some((one) => one.id === scheduleId && one.active))
      throw new DomainError("sampling.schedule");
  }
  await tx.update(samplingSite).set({ scheduleId }).where(eq(samplingSite.id, siteId));
  await trace(tx, actor, origin, {
    action: "sampling.site-schedule",
    entityType: "sampling-site",
    entityId: siteId,
    detail: { from: site.scheduleId, to: scheduleId },
  });
  return { ok: true };
}
