/** 200 desks of two houses accept at once, and one bed is left. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { holdBed } from "../../../server/capacity/service.ts";
import { DomainError } from "../../../server/errors/domain-error.ts";
import type { Services } from "../../../server/http/context.ts";
import type { StaffActor } from "../../../server/identity/domain.ts";
import { systemActor } from "../../../server/identity/service.ts";
import { type BenchResult, result } from "../suite.ts";

const ACCEPTS = 200;

/** A house with one bed left, an ally with free ones, two desks and their patients. */
async function buildLastBed(services: Services) {
  const mark = randomUUID().slice(0, 8);
  return services.db.withActor(systemActor("bench"), async (tx) => {
    const one = async (query: ReturnType<typeof sql>) =>
      ((await tx.execute(query)) as unknown as { id: string }[])[0]!.id;
    const house = async (slug: string, latitude: number) => {
      const id = await one(
        sql`insert into institution (slug, kind, level, latitude, longitude) values (${`${slug}-${mark}`}, 'hospital', 'tertiary', ${latitude}, 121.4) returning id`,
      );
      await tx.execute(
        sql`insert into institution_name (institution_id, language, name) values (${id}, 'zh-CN', ${`${slug} ${mark}`})`,
      );
      return id;
    };
    const ward = async (institutionId: string, beds: number) => {
      const departmentId = await one(
        sql`insert into department (institution_id, slug, name, specialty_code) values (${institutionId}, 'ward', '内科', '03') returning id`,
      );
      const unitId = await one(
        sql`insert into bed_unit (institution_id, department_id, name_zh, name_en, kind, touched_at) values (${institutionId}, ${departmentId}, '病区', 'Ward', 'ordinary', ${services.clock().toISOString()}) returning id`,
      );
      await tx.execute(
        sql`insert into bed (unit_id, institution_id, label) select ${unitId}, ${institutionId}, n::text from generate_series(1, ${beds}::integer) n`,
      );
      return { institutionId, departmentId };
    };
    const target = await ward(await house("last-bed", 31.2), 1);
    const ally = await ward(await house("ally", 31.3), 5);
    const desks = [await house("desk-a", 31.21), await house("desk-b", 31.25)];
    const allianceId = await one(
      sql`insert into alliance (name, kind) values (${mark}, 'city-medical-group') returning id`,
    );
    for (const id of [target.institutionId, ally.institutionId, ...desks])
      await tx.execute(
        sql`insert into alliance_member (alliance_id, institution_id) values (${allianceId}, ${id})`,
      );
    const actors: StaffActor[] = [];
    for (const institutionId of desks)
      actors.push({
        kind: "staff",
        personId: await one(sql`insert into person (name) values (${mark}) returning id`),
        institutionId,
        permissions: new Set(),
        sessionId: "bench",
        name: mark,
        language: "zh-CN",
      });
    const patients = (await tx.execute(
      sql`insert into patient (full_name, sex, managing_institution_id, updated_at) select ${mark} || n, 'female', ${desks[0]!}, ${services.clock().toISOString()}
        from generate_series(1, ${ACCEPTS}::integer) n returning id`,
    )) as unknown as { id: string }[];
    for (const id of desks)
      await tx.execute(
        sql`insert into patient_institution (patient_id, institution_id, source) select id, ${id}, 'bench' from patient where full_name like ${`${mark}%`}`,
      );
    return { target, actors, patients: patients.map(({ id }) => id) };
  });
}

/** One holds it; everybody else hears who, until when, and where else: 199 answers. */
export async function benchLastBed(services: Services): Promise<readonly BenchResult[]> {
  const { target, actors, patients } = await buildLastBed(services);
  const begun = performance.now();
  const answers = await Promise.allSettled(
    patients.map((patientId, index) => {
      const actor = actors[index % actors.length]!;
      return services.db.withActor(actor, (tx) =>
        holdBed(
          {
            tx,
            actor,
            origin: { correlationId: "bench", address: null },
            now: services.clock(),
          },
          { ...target, patientId, purpose: "referral", referenceId: randomUUID() },
        ),
      );
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const holders = answers.filter((one) => one.status === "fulfilled").length;
  const told = answers.filter(
    (one) =>
      one.status === "rejected" &&
      one.reason instanceof DomainError &&
      one.reason.code === "capacity.full" &&
      Boolean((one.reason.params.holder as { zh: string } | null)?.zh) &&
      Boolean(one.reason.params.until) &&
      (one.reason.params.alternatives as unknown[]).length > 0,
  ).length;
  return [
    {
      ...result("200 concurrent accepts for the last bed: holders", holders, "holders", "== 1"),
      target: "= 1",
    },
    {
      ...result("answers naming the holder and alternatives", told, "answers", "== 199"),
      target: "= 199",
    },
    result("200 concurrent accepts: all answered in", seconds, "s"),
  ];
}
