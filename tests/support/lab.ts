/** Tubes on their way to a laboratory, and its second person, for tests. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Services } from "../../server/http/context.ts";
import { systemActor } from "../../server/identity/service.ts";
import type { TubeSize } from "../../server/sampling/domain.ts";
import { makeTubeCode } from "../../server/sampling/service.ts";
import type { Answer } from "./app.ts";

/** Two people have looked at a tube: what they found may become a row of `lab_result` now. */
export async function lookTwice(
  services: Services,
  tube: string,
  result: string,
  options: { corrects?: boolean } = {},
): Promise<void> {
  await services.db.withActor(systemActor("test"), async (tx) => {
    const at = services.clock().toISOString();
    const people = await tx.execute<{ id: string }>(
      sql`select id from person order by created_at, id limit 2`,
    );
    const [plate] = await tx.execute<{ id: string }>(sql`
      insert into lab_plate (laboratory_id, code, source, opened_by, opened_at)
      select laboratory_id, gen_random_uuid()::text, 'page', ${people[0]!.id}, ${at} from tube where code = ${tube} returning id`);
    const [finding] = await tx.execute<{ id: string }>(sql`
      insert into lab_finding (laboratory_id, plate_id, tube_id, state, result, method, tested_at, entered_by, entered_at, source, reason, replaces_id)
      select t.laboratory_id, ${plate!.id}, t.id, 'entered', ${result}, 'RT-PCR', ${at}, ${people[0]!.id}, ${at}, 'page', '复核',
        ${options.corrects ? sql`(select r.id from lab_result r where r.tube_id = t.id and not exists (select 1 from lab_result n where n.replaces_id = r.id))` : null}
      from tube t where t.code = ${tube} returning id`);
    await tx.execute(sql`update lab_finding set state = 'confirmed', second_by = ${people[1]!.id}, second_at = ${at}, version = 2
      where id = ${finding!.id}`);
  });
}

export type Swab = { registrationId: string; name: string; phone: string | null };
let serial = 12_000;
let phoneNumber = 10_000_000;
let cardNumber = 100;

/** A resident ID that is valid and nobody's: a woman born on 5 May 1980. */
export function newResidentId(): string {
  cardNumber += 2;
  const body = `11010519800505${cardNumber}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(body[index]), 0);
  return `${body}${"10X98765432"[sum % 11]}`;
}

type Asks = {
  get: (url: string) => Promise<Pick<Answer, "status" | "body">>;
  post: (url: string, body?: unknown) => Promise<Pick<Answer, "status" | "body">>;
};

/** Sampling at 彭浦新村 through the product's own routes: people, tubes, a box on its way. */
export async function createSampling(test: {
  as: (who: string) => Promise<Asks>;
  clock: { now: Date };
}) {
  const [sampler, courier] = [await test.as("taoxiaohui"), await test.as("maqiang")];
  const ok = (answer: Pick<Answer, "status" | "body">) => {
    if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const work = ok(await sampler.get("/api/sampling/work"));
  const station = work.station.id as string;
  const send = async (step: string, more: Record<string, unknown>) => {
    const at = test.clock.now.toISOString();
    const base = { tube: null, registration: null, purpose: null, retest: false, reason: null };
    const { answers } = ok(
      await sampler.post("/api/sampling/steps", {
        sentAt: at,
        steps: [{ ...base, id: randomUUID(), step, station, at, ...more }],
      }),
    );
    if (answers[0].problem) throw new Error(`${step}: ${answers[0].problem}`);
  };
  const person = async (name: string, more: Record<string, unknown> = {}): Promise<Swab> => {
    phoneNumber += 1;
    const phone = `139${phoneNumber}`;
    const { people } = ok(
      await sampler.post("/api/sampling/walk-ins", {
        residentId: null,
        fullName: name,
        phone,
        birthDate: "1980-05-05",
        sex: "female",
        purpose: "voluntary",
        priority: null,
        ...more,
      }),
    );
    return { registrationId: people[0].registrationId, name, phone };
  };
  return {
    siteId: work.site.id as string,
    person,
    /** A sealed tube with these people in it. */
    tube: async (
      people: readonly Swab[],
      size: TubeSize = 10,
      more: Record<string, unknown> = {},
    ): Promise<string> => {
      serial += 1;
      const tube = makeTubeCode(size, serial);
      await send("open", { tube, ...more });
      for (const one of people) await send("sample", { tube, registration: one.registrationId });
      await send("seal", { tube });
      return tube;
    },
    voidTube: (tube: string) => send("void", { tube, reason: "打翻" }),
    openTube: async () => {
      serial += 1;
      const tube = makeTubeCode(10, serial);
      await send("open", { tube });
      return tube;
    },
    /** A box with these tubes, on its way. */
    box: async (tubes: readonly string[], siteId = work.site.id as string): Promise<string> => {
      const run = ok(
        await courier.post("/api/sampling/runs", { siteId, box: `箱-${tubes[0]?.slice(-4)}` }),
      );
      for (const code of tubes)
        ok(await courier.post(`/api/sampling/runs/${run.id}/tubes`, { code, remove: false }));
      ok(await courier.post(`/api/sampling/runs/${run.id}/pick-up`, {}));
      return run.id;
    },
  };
}
