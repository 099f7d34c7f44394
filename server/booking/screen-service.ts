import { eq } from "drizzle-orm";
import type { z } from "zod";
import { localDay } from "../calendar/domain.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { maskPersonName } from "../patients/service.ts";
import { findClinicSchedules, findScreen } from "./clinic-repository.ts";
import type { callScreen } from "./contract.ts";
import { clinicSchedule } from "./schema.ts";

/**
 * The screen in the corridor. Nobody is signed in there: it shows what everybody who stands in front
 * of it may see, tickets and masked names of those called and the next few.
 * @param onDay another day than today, to try a screen before it is hung up
 */
export async function readScreen(
  services: Services,
  scheduleId: string,
  onDay?: string,
): Promise<z.input<typeof callScreen>> {
  const now = services.clock();
  return services.db.withActor(systemActor("screen"), async (tx) => {
    const [row] = await tx.select().from(clinicSchedule).where(eq(clinicSchedule.id, scheduleId));
    if (!row) throw new DomainError("request.not-found");
    const day = onDay ?? localDay(now.getTime(), "Asia/Shanghai");
    const schedule = (await findClinicSchedules(tx, row.institutionId, day)).find(
      (one) => one.id === scheduleId,
    );
    const queue = await findScreen(tx, scheduleId, day);
    const waiting = queue.filter((one) => one.state === "waiting");
    return {
      name: { zh: row.nameZh, en: row.nameEn, bo: row.nameBo },
      department: {
        zh: schedule?.departmentName ?? "",
        en: schedule?.departmentNameEn ?? null,
        bo: schedule?.departmentNameBo ?? null,
      },
      place: row.place,
      placeNames: { zh: row.place, en: row.placeEn, bo: row.placeBo },
      doctor: schedule?.doctorName ?? null,
      delayMinutes: schedule?.delayMinutes ?? 0,
      called: queue
        .filter((one) => one.state === "in-consultation")
        .map((one) => ({
          ticket: one.ticket,
          name: maskPersonName(one.name),
          at: new Date(one.at).toISOString(),
          count: one.count,
        })),
      next: waiting
        .slice(0, 5)
        .map((one) => ({ ticket: one.ticket, name: maskPersonName(one.name) })),
      waiting: waiting.length,
    };
  });
}
