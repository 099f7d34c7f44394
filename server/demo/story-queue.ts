/** Scene 5: 沈秀兰 waits at the fever clinic of 闸北, three are ahead. Made by the services that people use. */
import { sql } from "drizzle-orm";
import { checkIn, confirm, hold, walkIn } from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { localDay, parsePhone } from "../patients/service.ts";
import { asDemo, demoActor } from "./load.ts";
import { demoPatients } from "./people.ts";
import { findDemoIds } from "./story.ts";

const before = 3;

/**
 * Whoever booked her by the hotline finds that appointment; otherwise her daughter-in-law's phone books
 * it. Then she arrives behind three others. Asked again while she waits, nothing changes.
 * @throws DomainError `auth.no-demo`
 */
export async function openStoryQueue(services: Services): Promise<{ appointmentId: string }> {
  const now = services.clock();
  const day = localDay(now);
  const story = await services.db.withActor(systemActor("demo"), async (tx) => {
    const ids = await findDemoIds(tx);
    const patientId = ids.patients.get("shen");
    const zhabei = ids.institutions.get("zhabei-central");
    const [schedule] = await tx.execute<{ id: string }>(
      sql`select id from clinic_schedule where institution_id = ${zhabei ?? null} and kind = 'fever-clinic' and active limit 1`,
    );
    if (!patientId || !zhabei || !schedule) throw new DomainError("auth.no-demo");
    return { ids, patientId, schedule: schedule.id };
  });
  const find = () =>
    services.db.withActor(systemActor("demo"), async (tx) => {
      const [own] = await tx.execute<{ id: string; state: string; day: string }>(
        sql`select id, state, day::text as day from appointment where patient_id = ${story.patientId} and schedule_id = ${story.schedule}
          and day >= ${day}::date - 1 and state in ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed') order by starts_at limit 1`,
      );
      return own ?? null;
    });
  const nurse = demoActor(story.ids, "fangyun");
  let own = await find();
  if (!own) {
    await book(services, story);
    own = (await find())!;
  }
  if (own.state !== "booked") return { appointmentId: own.id };

  for (const patientId of await others(services, nurse.institutionId, story.schedule, own.day))
    await asDemo(services, nurse, (work) =>
      walkIn(services, work, { scheduleId: story.schedule, day: own.day, patientId }),
    );
  await asDemo(services, nurse, (work) => checkIn(work, own.id, null));
  return { appointmentId: own.id };
}

/** Her daughter-in-law's phone takes the next free time. */
async function book(
  services: Services,
  story: { patientId: string; schedule: string },
): Promise<void> {
  const contact = demoPatients
    .find((one) => one.key === "shen")!
    .contacts.find((one) => one.maySignIn)!;
  const phone = parsePhone(contact.phone);
  if (!phone.ok) throw new DomainError("auth.no-demo");
  const actor: PatientActor = {
    kind: "patient",
    phoneIndex: services.vault.blindIndex("phone", phone.value.national),
    patientIds: [story.patientId],
    sessionId: "demo",
    language: "zh-CN",
  };
  const now = services.clock();
  await services.db.withActor(actor, async (tx) => {
    const [next] = await tx.execute<{ id: string }>(
      sql`select g.id from segment g where g.schedule_id = ${story.schedule} and g.starts_at > ${now.toISOString()} and g.stopped_at is null
        and exists (select 1 from seat s where s.segment_id = g.id and s.appointment_id is null and s.public_from <= ${now.toISOString()})
        order by g.starts_at limit 1`,
    );
    if (!next) throw new DomainError("booking.full");
    const work = { tx, actor, origin: { correlationId: "demo", address: null }, now };
    const held = await hold(work, {
      segmentId: next.id,
      patientId: story.patientId,
      relation: "child",
      channel: "phone-web",
    });
    await confirm(work, held.appointment.id);
  });
}

/** So many of the clinic's own patients that three wait; none of them has been there today. */
async function others(
  services: Services,
  institutionId: string,
  schedule: string,
  day: string,
): Promise<string[]> {
  return services.db.withActor(systemActor("demo"), async (tx) => {
    const [waiting] = await tx.execute<{ count: number }>(
      sql`select count(*)::int as count from appointment where schedule_id = ${schedule} and day = ${day} and state = 'waiting'`,
    );
    const rows = await tx.execute<{ id: string }>(
      sql`select p.id from patient p join patient_institution i on i.patient_id = p.id
        where i.institution_id = ${institutionId} and p.demo and p.full_name is not null and not exists (select 1 from appointment a
          where a.patient_id = p.id and a.schedule_id = ${schedule} and a.day = ${day})
        order by p.full_name limit ${Math.max(0, before - waiting!.count)}`,
    );
    return rows.map((row) => row.id);
  });
}
