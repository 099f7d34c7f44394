/** Answers by text message: found by the booking's code, done with the rights of the phone that sent them. */
import { randomUUID } from "node:crypto";
import { and, eq, gt, ne, sql } from "drizzle-orm";
import {
  type AppointmentRow,
  cancel,
  confirm,
  dayAndTime,
  findAhead,
  findAppointmentView,
  findByCode,
} from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { sentence } from "../errors/registry.ts";
import type { Services, Work } from "../http/context.ts";
import { type Language, languages, type PatientActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import type { SmsOutcome } from "../notices/domain.ts";
import { smsInbound } from "../notices/schema.ts";
import { sendSms } from "../notices/service.ts";
import { findPatients, parsePhone } from "../patients/service.ts";
import { answerLimits, parseSmsAnswer, replies } from "./sms-text.ts";

const phoneContext = "sms_inbound.phone";
const textContext = "sms_inbound.text";
const hourMs = 3_600_000;
const system = systemActor("sms-answers");

type Say = Readonly<Record<Language, string>>;
type Reply = { outcome: SmsOutcome; say: Say | null; appointmentId: string | null };
type Inbound = typeof smsInbound.$inferSelect;

const when = (at: Date): Say => ({
  "zh-CN": dayAndTime("zh-CN", at),
  en: dayAndTime("en", at),
  bo: dayAndTime("bo", at),
});

/**
 * Take one message. The gateway may deliver it again, also at the same moment: it is answered once, and
 * what it asks for is done once.
 * @returns whether it was the first delivery
 */
export async function receiveSms(
  services: Services,
  message: { id: string; from: string; text: string },
): Promise<{ outcome: SmsOutcome; reply: string | null }> {
  const { db, vault, clock } = services;
  const now = clock();
  const parsed = parsePhone(message.from);
  // A sender that is no phone (a short number, a name) is no patient of ours: nothing is answered.
  if (!parsed.ok) return { outcome: "silent", reply: null };
  const phone = parsed.value.national;
  const phoneIndex = vault.blindIndex("phone", phone);
  const row = await db.withActor(system, async (tx) => {
    await tx
      .insert(smsInbound)
      .values({
        id: randomUUID(),
        gatewayId: message.id,
        phoneIndex,
        phoneCipher: vault.seal(phoneContext, phone),
        textCipher: vault.seal(textContext, message.text),
        receivedAt: now,
      })
      .onConflictDoNothing();
    const [kept] = await tx.select().from(smsInbound).where(eq(smsInbound.gatewayId, message.id));
    return kept!;
  });
  // The same gateway id with another sender is a mistake of the gateway; what was first counts.
  if (row.outcome !== "received" || !row.phoneIndex.equals(phoneIndex))
    return { outcome: row.outcome, reply: null };
  const recent = await recentOf(services, row, now);
  const reply: Reply =
    recent.length >= answerLimits.perHour
      ? { outcome: "silent", say: null, appointmentId: null }
      : await answer(services, row, message.text, recent, now);
  const language = await languageFor(services, phoneIndex, reply.appointmentId);
  return db.withActor(system, async (tx) => {
    const [first] = await tx
      .update(smsInbound)
      .set({ outcome: reply.outcome, appointmentId: reply.appointmentId })
      .where(and(eq(smsInbound.id, row.id), eq(smsInbound.outcome, "received")))
      .returning({ id: smsInbound.id });
    if (!first || !reply.say) return { outcome: reply.outcome, reply: null };
    const text = reply.say[language];
    await sendSms(tx, vault, {
      phone,
      kind: "booking-answer",
      text,
      dedupeKey: `sms-answer:${row.id}`,
      at: now,
    });
    return { outcome: reply.outcome, reply: text };
  });
}

/** What this phone sent in the last day, newest first, without this message. */
async function recentOf({ db }: Services, row: Inbound, now: Date): Promise<Inbound[]> {
  const rows = await db.withActor(system, (tx) =>
    tx
      .select()
      .from(smsInbound)
      .where(
        and(
          eq(smsInbound.phoneIndex, row.phoneIndex),
          ne(smsInbound.id, row.id),
          gt(
            smsInbound.receivedAt,
            new Date(now.getTime() - answerLimits.helpWindowHours * hourMs),
          ),
        ),
      )
      .orderBy(sql`${smsInbound.receivedAt} desc`)
      .limit(200),
  );
  const lastHour = rows.filter((one) => now.getTime() - one.receivedAt.getTime() < hourMs);
  // Beyond the limit only the hour counts; otherwise the whole day is known for the help sentence.
  return lastHour.length >= answerLimits.perHour ? lastHour : rows;
}

/** The phone itself, with exactly the rights it has on its pages. */
async function phoneActor({ db }: Services, phoneIndex: Buffer): Promise<PatientActor> {
  const ids = await db.withActor(
    { kind: "patient", phoneIndex, patientIds: [], sessionId: "sms", language: "zh-CN" },
    (tx) => tx.execute<{ ids: string[] }>(sql`select app.patient_ids() as ids`),
  );
  const patientIds = ids[0]?.ids ?? [];
  return { kind: "patient", phoneIndex, patientIds, sessionId: "sms", language: "zh-CN" };
}

async function answer(
  services: Services,
  row: Inbound,
  text: string,
  recent: readonly Inbound[],
  now: Date,
): Promise<Reply> {
  const { intent, code } = parseSmsAnswer(text);
  const actor = await phoneActor(services, row.phoneIndex);
  const asPhone = <Answer>(run: (work: Work<PatientActor>) => Promise<Answer>) =>
    services.db.withActor(actor, (tx) =>
      run({ tx, actor, origin: { correlationId: `sms:${row.id}`, address: null }, now }),
    );
  if (!intent || !code) return help(asPhone, recent);
  const found = await asPhone(({ tx }) => findByCode(tx, code));
  if (!found) {
    const refusals = recent.filter(
      (one) => one.outcome === "refused" && now.getTime() - one.receivedAt.getTime() < hourMs,
    );
    return {
      outcome: refusals.length >= answerLimits.refusalsPerHour ? "silent" : "refused",
      say: refusals.length >= answerLimits.refusalsPerHour ? null : replies.wrongCode(),
      appointmentId: null,
    };
  }
  try {
    return await act(asPhone, intent, found, recent, now);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const reason = Object.fromEntries(
      languages.map((language) => [language, sentence(error.code, language, error.params)]),
    ) as Say;
    return { outcome: "refused", say: replies.refused(reason, code), appointmentId: found.id };
  }
}

type AsPhone = <Answer>(run: (work: Work<PatientActor>) => Promise<Answer>) => Promise<Answer>;

async function act(
  asPhone: AsPhone,
  intent: "confirm" | "cancel" | "keep" | "place",
  found: AppointmentRow,
  recent: readonly Inbound[],
  now: Date,
): Promise<Reply> {
  const { id, code } = found;
  const done = (outcome: SmsOutcome, say: Say): Reply => ({ outcome, say, appointmentId: id });
  const at = when(found.startsAt);
  switch (intent) {
    case "confirm": {
      await asPhone((work) => confirm(work, id));
      return done("confirmed", replies.confirmed(code, at, found.place));
    }
    case "keep":
      return done("kept", replies.kept(code, at));
    case "cancel": {
      if (found.state === "cancelled") return done("cancelled", replies.cancelled(code, at));
      // Asked once more: a first message only asks, and only for a while.
      const asked = recent.find(
        (one) =>
          one.appointmentId === id && (one.outcome === "cancel-asked" || one.outcome === "kept"),
      );
      const stands =
        asked?.outcome === "cancel-asked" &&
        now.getTime() - asked.receivedAt.getTime() <= answerLimits.cancelMinutes * 60_000;
      if (!stands) return done("cancel-asked", replies.askCancel(code, at));
      await asPhone((work) => cancel(work, id, "sms"));
      return done("cancelled", replies.cancelled(code, at));
    }
    case "place": {
      const view = await asPhone(({ tx }) => findAppointmentView(tx, id, now));
      if (!view?.queue) return done("place", replies.notYet(code, at));
      if (view.queue.called) return done("place", replies.called(code, found.place));
      const time = dayAndTime("zh-CN", new Date(view.queue.expectedAt)).slice(-5);
      return done("place", replies.ahead(code, view.queue.ahead, time));
    }
  }
}

/** Not understood: said once a day with the phone's own codes, so that two machines do not talk for ever. */
async function help(asPhone: AsPhone, recent: readonly Inbound[]): Promise<Reply> {
  if (recent.some((one) => one.outcome === "unknown" || one.outcome === "silent"))
    return { outcome: "silent", say: null, appointmentId: null };
  const rows = await asPhone(({ tx, now }) => findAhead(tx, now));
  return {
    outcome: "unknown",
    say: replies.help(rows.map((row) => ({ code: row.code, when: when(row.startsAt) }))),
    appointmentId: null,
  };
}

/** The patient's own language; of a phone with several people, the first one's. */
async function languageFor(
  services: Services,
  phoneIndex: Buffer,
  appointmentId: string | null,
): Promise<Language> {
  const actor = await phoneActor(services, phoneIndex);
  if (actor.patientIds.length === 0) return "zh-CN";
  const found = await services.db.withActor(actor, async (tx) => {
    const rows = appointmentId
      ? await tx.execute<{ patient_id: string }>(
          sql`select patient_id from appointment where id = ${appointmentId}`,
        )
      : [];
    return findPatients(tx, [rows[0]?.patient_id ?? actor.patientIds[0]!]);
  });
  const language = found[0]?.row.language;
  return languages.find((one) => one === language) ?? "zh-CN";
}
