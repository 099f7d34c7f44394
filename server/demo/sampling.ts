/** Sampling in the demo: three sites with their stations, who works there today, and tubes to take swabs with. */
import { sql } from "drizzle-orm";
import { localDay } from "../calendar/domain.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { tubeSizes } from "../sampling/domain.ts";
import { samplingDuty, samplingSite, samplingStation, tubeBatch } from "../sampling/schema.ts";
import type { DemoIds } from "./load.ts";

const demoSites = [
  {
    institution: "pengpu",
    laboratory: "jingan-central",
    names: ["彭浦新村便民采样点", "Pengpu Xincun sampling point", "ཕེང་ཕུའུ་དཔེ་ཚད་ལེན་ས།"],
    place: "社区中心一楼门厅西侧",
    placeEn: "Community centre, ground floor, west of the hall",
    placeBo: "སྡེ་ཁུལ་ལྟེ་གནས་ཐོག་ 1 སྒོ་ཁང་གི་ནུབ་ཕྱོགས།",
    feverPlace: "大门左侧平房的发热哨点诊室，由引导员陪同",
    feverPlaceEn: "The fever sentinel room left of the gate; a guide comes along",
    feverPlaceBo: "སྒོ་ཆེན་གྱི་གཡོན་ཕྱོགས་ཀྱི་ཚ་བའི་ས་ཚུགས་སྨན་ཁང་། སྣེ་ཤན་པས་ཁྲིད།",
    purpose: "voluntary",
    poolSize: 10,
    population: 2600,
    samplers: ["taoxiaohui", "shilei", null],
    serials: 10_000,
  },
  {
    institution: "zhabei-central",
    laboratory: "jingan-central",
    names: ["闸北中心医院采样点", "Zhabei hospital sampling point", "ཀྲ་པེ་སྨན་ཁང་དཔེ་ཚད་ལེན་ས།"],
    place: "门诊楼东侧采样亭",
    placeEn: "Sampling pavilion east of the outpatient building",
    placeBo: "སྨན་བཅོས་ཁང་གི་ཤར་ཕྱོགས་ཀྱི་དཔེ་ཚད་ལེན་ཁང་།",
    feverPlace: "本院发热门诊独立入口（共和新路侧）",
    feverPlaceEn: "This hospital's fever clinic, own entrance (Gonghe Xin Road side)",
    feverPlaceBo: "སྨན་ཁང་འདིའི་ཚ་བའི་སྨན་ཁང་གི་རང་སྒོ།",
    purpose: "in-outpatient",
    poolSize: 5,
    population: null,
    samplers: ["baoyun", null],
    serials: 20_000,
  },
  {
    institution: "xuhui-central",
    laboratory: "xuhui-central",
    names: ["徐汇区中心医院采样点", "Xuhui hospital sampling point", "ཤུའུ་ཧུའེ་སྨན་ཁང་དཔེ་ཚད་ལེན་ས།"],
    place: "门诊楼南广场采样亭",
    placeEn: "Sampling pavilion on the south square",
    placeBo: "སྨན་བཅོས་ཁང་གི་ལྷོ་ཐང་གི་དཔེ་ཚད་ལེན་ཁང་།",
    feverPlace: "区发热门诊，由引导员陪同",
    feverPlaceEn: "The district's fever clinic; a guide comes along",
    feverPlaceBo: "ཆུས་ཀྱི་ཚ་བའི་སྨན་ཁང་། སྣེ་ཤན་པས་ཁྲིད།",
    purpose: "voluntary",
    poolSize: 10,
    population: null,
    samplers: [null, null],
    serials: 30_000,
  },
] as const;

/** Serial numbers of each size that a demo institution was given. */
const batchSize = 5000;

/** Load the demo's sites into a database that has none. @returns false when there are some */
export async function loadDemoSampling(services: Services, ids: DemoIds): Promise<boolean> {
  return services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: samplingSite.id }).from(samplingSite).limit(1);
    if (existing) return false;
    const now = services.clock();
    const today = localDay(now.getTime(), "Asia/Shanghai");
    for (const one of demoSites) {
      const institutionId = ids.institutions.get(one.institution);
      const laboratoryId = ids.institutions.get(one.laboratory);
      if (!institutionId || !laboratoryId) continue;
      const [schedule] = await tx.execute<{ id: string }>(
        sql`select id from clinic_schedule where institution_id = ${institutionId} and kind = 'test' limit 1`,
      );
      const [site] = await tx
        .insert(samplingSite)
        .values({
          institutionId,
          scheduleId: schedule?.id ?? null,
          nameZh: one.names[0],
          nameEn: one.names[1],
          nameBo: one.names[2],
          place: one.place,
          placeEn: one.placeEn,
          placeBo: one.placeBo,
          opensAt: new Date("2026-01-01T00:00:00Z"),
          purpose: one.purpose,
          poolSize: one.poolSize,
          laboratoryId,
          feverPlace: one.feverPlace,
          feverPlaceEn: one.feverPlaceEn,
          feverPlaceBo: one.feverPlaceBo,
          population: one.population,
        })
        .returning({ id: samplingSite.id });
      for (const [index, login] of one.samplers.entries()) {
        const samplerId = login ? (ids.people.get(login) ?? null) : null;
        const [station] = await tx
          .insert(samplingStation)
          .values({
            siteId: site!.id,
            number: index + 1,
            state: samplerId ? "open" : "closed",
            samplerId,
            changedAt: now,
          })
          .returning({ id: samplingStation.id });
        if (samplerId)
          await tx.insert(samplingDuty).values({
            personId: samplerId,
            siteId: site!.id,
            stationId: station!.id,
            day: today,
            startedAt: now,
          });
      }
      await tx.insert(tubeBatch).values(
        tubeSizes.map((size) => ({
          institutionId,
          size,
          firstSerial: one.serials,
          lastSerial: one.serials + batchSize - 1,
          deliveredOn: "2026-01-05",
        })),
      );
    }
    return true;
  });
}
