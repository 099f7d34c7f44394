import { setTimeout as delay } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import {
  type ClientEvents,
  type QueuePlace,
  realtimeProtocol,
  type ServerEvents,
} from "../../../server/realtime/contract.ts";
import { type BenchResult, result } from "../suite.ts";
import { percentile } from "./clients.ts";
import { makePeople } from "./people.ts";
import type { World } from "./world.ts";

type Phone = {
  socket: Socket<ServerEvents, ClientEvents>;
  appointment: string;
  ahead: number;
  at: number;
};
type Queue = { schedule: string; day: string; appointments: Map<string, string> };

/** At once while the phones connect: each is a handshake with a session to look up. */
const connecting = 50;
const longestMs = 30_000;

/**
 * A queue of thousands moves by one, in the database; every phone is told its own new place.
 * @param urls the replicas; phones are spread over them
 */
export async function queuePlaces(
  world: World,
  urls: readonly string[],
  quick: boolean,
  log: (line: string) => void,
): Promise<BenchResult[]> {
  const count = quick ? 500 : 5_000;
  const name = `queue-${urls.length}`;
  const people = await makePeople(world.admin, name, count);
  const queue = await prepareQueue(
    world,
    name,
    people.map((one) => one.patient),
  );
  const phones: Phone[] = [];
  const waiting = people.map((person, index) => ({ person, url: urls[index % urls.length]! }));
  await Promise.all(
    Array.from({ length: connecting }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const { person, url } = next;
        const appointment = queue.appointments.get(person.patient)!;
        phones.push(await connect(url, person.secret, person.address, appointment));
      }
    }),
  );
  log(`${phones.length} phones are connected to ${urls.length} server(s)`);
  const told: number[] = [];
  let wrong = 0;
  const moves = quick ? 3 : 5;
  for (let move = 1; move <= moves; move += 1) {
    for (const phone of phones) phone.at = 0;
    const began = performance.now();
    // The desk's own statement: the next one goes in, and the queue is announced, in one commit.
    await world.admin.begin(async (tx) => {
      await tx`update appointment set state = 'completed', ended_at = now() where schedule_id = ${queue.schedule} and state = 'in-consultation'`;
      await tx`update appointment set state = 'in-consultation', called_at = now() where id = (select id from appointment
        where schedule_id = ${queue.schedule} and state = 'waiting' order by queue_key limit 1)`;
      await tx`insert into outbox_event (topic, entity_id, version, institution_ids, patient_ids, detail)
        select 'queue', ${queue.schedule}, 0, array[institution_id], '{}', ${tx.json({ day: queue.day })} from clinic_schedule where id = ${queue.schedule}`;
    });
    const committed = performance.now();
    const inQueue = count - (move - 1);
    while (phones.filter((phone) => phone.at > 0).length < inQueue) {
      if (performance.now() - began > longestMs) break;
      await delay(20);
    }
    const order = await world.admin<{ id: string; ahead: number }[]>`
      select id, (row_number() over (order by queue_key) - 1)::int as ahead from appointment where schedule_id = ${queue.schedule} and state = 'waiting'`;
    const right = new Map(order.map((row) => [row.id, row.ahead]));
    for (const phone of phones) {
      const ahead = right.get(phone.appointment);
      if (ahead === undefined) continue;
      told.push(phone.at === 0 ? longestMs : phone.at - committed);
      if (phone.ahead !== ahead) wrong += 1;
    }
    log(`moved: p99 ${Math.round(percentile(told.slice(-inQueue), 0.99))} ms`);
  }
  for (const phone of phones) phone.socket.close();
  const servers = urls.length === 1 ? "" : `, ${urls.length} servers`;
  return [
    result(
      `${count} phones told their own place${servers}, p99`,
      Math.round(percentile(told, 0.99)),
      "ms",
      urls.length === 1 ? "<= 500" : "<= 1000",
    ),
    result(`phones with a wrong place${servers}`, wrong, "phones", "== 0"),
  ];
}

/** One clinic's day with everybody waiting. */
async function prepareQueue(
  { admin }: World,
  name: string,
  patients: readonly string[],
): Promise<Queue> {
  const [department] = await admin<{ id: string }[]>`
    insert into department (institution_id, slug, name, specialty_code)
    select id, ${name}, '候诊科', '03' from institution limit 1 returning id`;
  const [schedule] = await admin<{ id: string }[]>`
    insert into clinic_schedule (institution_id, department_id, kind, name_zh, name_en, place, segment_minutes)
    select institution_id, id, 'clinic', '门诊', 'Clinic', '1 层', 60 from department where id = ${department!.id} returning id`;
  const day = new Date().toISOString().slice(0, 10);
  const [segment] = await admin<{ id: string }[]>`
    insert into segment (schedule_id, institution_id, department_id, kind, day, starts_at, ends_at, capacity, first_ticket, cancel_until)
    select id, institution_id, department_id, 'clinic', ${day}, now(), now() + interval '1 hour', 500, 1, now() from clinic_schedule where id = ${schedule!.id} returning id`;
  const made = await admin<{ id: string; patient: string }[]>`
    insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, queue_key)
    select substr(md5(random()::text || n), 1, 10), g.id, g.schedule_id, g.institution_id, g.department_id, patient, g.day, g.starts_at, g.ends_at, 'A' || n, 'waiting', 'window', 'self', n
    from segment g, unnest(${[...patients]}::uuid[]) with ordinality as t(patient, n) where g.id = ${segment!.id} returning id, patient_id as patient`;
  await admin`analyze appointment`;
  return {
    schedule: schedule!.id,
    day,
    appointments: new Map(made.map((row) => [row.patient, row.id])),
  };
}

function connect(
  url: string,
  secret: string,
  address: string,
  appointment: string,
): Promise<Phone> {
  const socket: Socket<ServerEvents, ClientEvents> = io(url, {
    path: "/realtime",
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { protocol: realtimeProtocol },
    extraHeaders: { cookie: `__Host-yilian=${secret}`, "x-forwarded-for": address },
  });
  const phone: Phone = { socket, appointment, ahead: -1, at: 0 };
  socket.on("queue:place", (place: QueuePlace) => {
    if (place.appointmentId !== appointment) return;
    phone.ahead = place.ahead;
    phone.at = performance.now();
  });
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(phone));
    socket.on("connect_error", reject);
  });
}
