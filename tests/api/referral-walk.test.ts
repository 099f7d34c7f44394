import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  endedReferralStates,
  nextReferralState,
  possibleReferralActions,
  type ReferralAction,
  type ReferralDirection,
  type ReferralSide,
  type ReferralState,
} from "../../server/referral/states.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

/**
 * Random walks: people of both houses press what comes to their minds, in every state, by API against the
 * database. The pure table says what must come of it; nothing else may.
 */
const walks = 14;
const presses = 22;
/** Hundreds of requests, beside other files. */
const WALK_TIMEOUT_MS = 90_000;
let test: TestApp;
type Person = { name: string; client: Client; permissions: ReadonlySet<string>; house: string };
let people: Person[];
let houses: { up: string; down: string };
let department: string;

/** Numbers that come in the same order every time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const system = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor({ kind: "system", reason: "test", language: "zh-CN" }, (tx) =>
    tx.execute<Row>(statement),
  );

beforeAll(async () => {
  test = await buildTestApp();
  houses = {
    down: test.ids.institutions.get("pengpu")!,
    up: test.ids.institutions.get("zhabei-central")!,
  };
  people = [];
  for (const [login, house] of [
    ["wangjianguo", houses.down],
    ["qinxuemei", houses.up],
    ["gumingyuan", houses.up],
  ] as const) {
    const client = await test.as(login);
    const session = (await client.get("/api/session")).body;
    people.push({ name: login, client, house, permissions: new Set(session.permissions) });
  }
  expect(people.map((one) => one.permissions.size > 0)).toEqual([true, true, true]);
  const [unit] = await system<{ id: string }>(
    sql`select id from department where institution_id = ${houses.up} and slug = 'medicine'`,
  );
  department = unit!.id;
});
afterAll(() => test.close());

/** What each button sends; steps that need another thing (a seat, the patient's own phone) are left out. */
const bodies: Partial<Record<ReferralAction, object>> = {
  submit: {},
  withdraw: { reason: "不去了" },
  cancel: { reason: "写错了" },
  askMore: { reason: "请补充" },
  answerMore: { text: "已补充" },
  accept: {},
  return: { reason: "社区可处理", call: { with: "王建国", at: "2026-11-22T02:00:00Z" } },
  convert: {},
  advise: { answer: "先调整用药" },
  handBack: { reason: "无床", call: { with: "王建国", at: "2026-11-22T02:00:00Z" } },
  setOff: {},
  arrive: {},
  markNoShow: { reason: "未到" },
  admit: {},
  readyForDown: {},
  keep: { reason: "再观察" },
  discharge: {},
  takeOn: {},
  askCancel: { reason: "家里有事" },
  confirmCancel: {},
  refuseCancel: { reason: "已通话" },
  revise: {},
  conclude: { reason: "好转" },
};

async function begin(direction: ReferralDirection, n: number): Promise<string> {
  const patients = await system<{ id: string }>(sql`
    insert into patient (full_name, sex, managing_institution_id, updated_at) values (${`走${n}`}, 'female', ${houses.down}, now()) returning id`);
  const patientId = patients[0]!.id;
  await system(sql`insert into patient_institution (patient_id, institution_id, source)
    values (${patientId}, ${houses.down}, 'test'), (${patientId}, ${houses.up}, 'test')`);
  const from = direction === "up" ? people[0]! : people[2]!;
  const made = await from.client.post("/api/referrals", {
    patientId,
    direction,
    content: {
      urgency: "emergency",
      toInstitutionId: direction === "up" ? houses.up : houses.down,
      ...(direction === "up" ? { toDepartmentId: department } : {}),
      requesterPhone: "021-56914949",
      reason: "胸痛",
      vitals: { systolicMmHg: 84 },
      impression: [{ code: null, text: "胸痛待查" }],
      admissionNumber: "Z1",
      results: "r",
      treatmentSoFar: "t",
      plan: "p",
      rehabilitationAdvice: "r",
      reviewOn: "2026-12-06",
      returnTriggers: [{ kind: "words", code: "pain", text: "胸痛" }],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body.id;
}

it.each(["up", "down"] as const)(
  "whoever presses what: a way %s goes where the table says",
  async (direction) => {
    const actions = Object.keys(bodies) as ReferralAction[];
    const reached = new Set<ReferralState>();
    for (let walk = 0; walk < walks; walk++) {
      const random = randomOf(1000 * walk + (direction === "up" ? 1 : 2));
      const pick = <Item>(items: readonly Item[]): Item =>
        items[Math.floor(random() * items.length)]!;
      const id = await begin(direction, walk);
      let state: ReferralState = "draft";
      let version = 1;
      let sent = false;
      for (let press = 0; press < presses; press++) {
        const person = pick(people);
        const isFrom = person.house === (direction === "up" ? houses.down : houses.up);
        const sides: ReferralSide[] = [
          ...(isFrom ? (["from"] as const) : []),
          ...(!isFrom && sent ? (["to"] as const) : []),
        ];
        const allowed = possibleReferralActions(direction, state, sides, person.permissions).filter(
          (one) => bodies[one],
        );
        // Mostly what the page offers and does not end it, so that walks get far; sometimes anything.
        const onward = allowed.filter(
          (one) => !endedReferralStates.includes(nextReferralState(direction, state, one)),
        );
        const action: ReferralAction =
          onward.length > 0 && random() < 0.75
            ? pick(onward)
            : allowed.length > 0 && random() < 0.3
              ? pick(allowed)
              : pick(actions);
        const answer = await person.client.post(`/api/referrals/${id}/actions`, {
          action,
          version,
          ...bodies[action],
        });
        const where = `${direction} ${walk}/${press} ${state} ${person.name} ${action}: ${JSON.stringify(answer.body).slice(0, 200)}`;
        if (sides.length === 0) expect(answer.status, where).toBe(404);
        else if (allowed.includes(action)) {
          expect(answer.status, where).toBe(200);
          state = nextReferralState(direction, state, action);
          version += 1;
          if (action === "submit") sent = true;
          if (action === "revise") sent = false;
          expect(answer.body, where).toMatchObject({ state, version });
          expect([...answer.body.actions].sort(), where).toEqual(
            possibleReferralActions(
              direction,
              state,
              [
                ...(isFrom ? (["from"] as const) : []),
                ...(!isFrom && sent ? (["to"] as const) : []),
              ],
              person.permissions,
            ).sort(),
          );
        } else expect([403, 409], where).toContain(answer.status);
        const [row] = await system<{ state: string; version: number; steps: number }>(sql`
        select state::text, version, (select count(*)::int from referral_step s where s.referral_id = r.id and s.from_state is not null) as steps
        from referral r where id = ${id}`);
        // Refused is refused: nothing moved, nothing was written down.
        expect(row, where).toMatchObject({ state, version, steps: version - 1 });
        reached.add(state);
      }
    }
    expect(reached.size).toBeGreaterThanOrEqual(direction === "up" ? 12 : 9);
  },
  WALK_TIMEOUT_MS,
);
