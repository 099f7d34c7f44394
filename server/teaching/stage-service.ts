/** Who stands on the stage: planned speakers as they come, listeners as they are asked, and who leads. */
import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { EntryData, EntryKind, StageRole } from "../../timeline/entries.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { leads, loadSession } from "./access.ts";
import { leadingRoles, publishesAs, type SpeakerRole, type TeachingState } from "./domain.ts";
import type { promoteBody, stageAnswer } from "./live-contract.ts";
import { guestPublishes } from "./live-domain.ts";
import { livePolicyOf } from "./live-policy.ts";
import * as repository from "./live-repository.ts";
import { teachingHand, teachingStage } from "./live-schema.ts";
import { plannableStates } from "./states.ts";
import { writeEntry } from "./timeline-repository.ts";
import { refusalOf } from "./timeline-service.ts";

/** A step of the stage, written into the timeline; refused when the database says so. @throws DomainError */
export async function put<Kind extends EntryKind>(
  work: Pick<Work, "tx" | "now">,
  sessionId: string,
  kind: Kind,
  data: EntryData[Kind],
): Promise<number> {
  const written = await writeEntry(work.tx, sessionId, { kind, data }, work.now);
  if (written.problem || written.seq === null)
    throw refusalOf(written.problem ?? "gone", written.seconds);
  return written.seq;
}

/** @throws DomainError `request.not-found`, `teaching.stage-only` for who does not lead */
export async function loadLed(work: Work<StaffActor>, sessionId: string) {
  const found = await loadSession(work, sessionId);
  if (!leads(found.rights)) throw new DomainError("teaching.stage-only");
  return found;
}

type Device = Pick<repository.DeviceRow, "deviceId" | "personId" | "sub" | "name" | "org">;

async function join(
  { tx, actor, now }: Work,
  sessionId: string,
  device: Device,
  as: { role: StageRole; pub: EntryData["stage-joined"]["pub"]; hand: number | null },
): Promise<void> {
  const { deviceId, personId, sub, name, org } = device;
  await leave({ tx, now }, sessionId, personId);
  await tx.insert(teachingStage).values({
    sessionId,
    personId,
    deviceId,
    role: as.role,
    sub,
    pub: as.pub,
    broughtBy: actor.kind === "staff" ? actor.personId : null,
    joinedAt: now,
  });
  await put({ tx, now }, sessionId, "stage-joined", { personId, name, org, sub, ...as });
}

/** @returns whether he was there */
async function leave(
  { tx, now }: Pick<Work, "tx" | "now">,
  sessionId: string,
  personId: string,
): Promise<boolean> {
  const rows = await tx
    .update(teachingStage)
    .set({ leftAt: now })
    .where(
      and(
        eq(teachingStage.sessionId, sessionId),
        eq(teachingStage.personId, personId),
        isNull(teachingStage.leftAt),
      ),
    )
    .returning({ id: teachingStage.id });
  return rows.length > 0;
}

/** Before the broadcast speakers are among themselves: that is a rehearsal. Repeatable. */
export async function rehearse(
  work: Work<StaffActor>,
  sessionId: string,
  state: TeachingState,
): Promise<void> {
  const { tx } = work;
  const live = await repository.lockLive(tx, sessionId);
  if (!plannableStates.includes(state) || live?.rehearsal) return;
  await repository.updateLive(tx, sessionId, { rehearsal: true });
  await writeEntry(tx, sessionId, { kind: "went-live", data: { rehearsal: true } }, work.now);
}

/** A planned speaker came in with this device. Coming again with it changes nothing. */
export async function takeStage(
  work: Work<StaffActor>,
  sessionId: string,
  device: Device,
  role: SpeakerRole,
): Promise<void> {
  const { tx } = work;
  const { row } = await loadSession(work, sessionId);
  await rehearse(work, sessionId, row.state);
  const live = await repository.lockLive(tx, sessionId);
  const stage = await repository.findStage(tx, sessionId);
  if (!stage.some((one) => one.personId === device.personId && one.deviceId === device.deviceId))
    await join(work, sessionId, device, { role, pub: publishesAs(role), hand: null });
  if (live?.leadPersonId === null && leadingRoles.includes(role))
    await repository.updateLive(tx, sessionId, { leadPersonId: device.personId });
}

/**
 * A listener to the stage: who raised a hand, or a person who is here. Asked twice it is done once.
 * @throws DomainError `teaching.stage-only`, `teaching.stage-full`, `teaching.not-here`, `teaching.not-live`
 */
export async function promote(
  work: Work<StaffActor>,
  sessionId: string,
  body: z.output<typeof promoteBody>,
): Promise<z.input<typeof stageAnswer>> {
  const { tx, actor, origin } = work;
  const { row } = await loadLed(work, sessionId);
  await repository.lockLive(tx, sessionId);
  const hand = "hand" in body ? await findHand(work, sessionId, body.hand) : null;
  const personId = "hand" in body ? hand?.personId : body.personId;
  const device =
    hand !== null
      ? await deviceOf(work, sessionId, hand.deviceId)
      : personId
        ? await deviceOfPerson(work, sessionId, personId)
        : null;
  if (!device) throw new DomainError("teaching.not-here");
  const stage = await repository.findStage(tx, sessionId);
  const { stageMost } = await livePolicyOf(tx, row.institutionId);
  if (!stage.some((one) => one.personId === device.personId)) {
    if (stage.length >= stageMost)
      throw new DomainError("teaching.stage-full", { most: stageMost });
    await join(work, sessionId, device, {
      role: "guest",
      pub: [...guestPublishes],
      hand: hand?.seq ?? null,
    });
    await trace(tx, actor, origin, {
      action: "teaching.promote",
      entityType: "teaching-session",
      entityId: sessionId,
      detail: { personId: device.personId },
    });
  }
  if (hand && hand.loweredAt === null)
    await put(work, sessionId, "hand-lowered", { of: hand.seq, reason: "called" });
  return viewStage(work, sessionId, stageMost);
}

async function findHand({ tx }: Work, sessionId: string, seq: number) {
  const [row] = await tx
    .select()
    .from(teachingHand)
    .where(and(eq(teachingHand.sessionId, sessionId), eq(teachingHand.seq, seq)));
  return row ?? null;
}

const deviceOf = ({ tx }: Work, sessionId: string, deviceId: string) =>
  repository.findDevice(tx, sessionId, deviceId);
const deviceOfPerson = ({ tx }: Work, sessionId: string, personId: string) =>
  repository.findDeviceOf(tx, sessionId, personId);

/** Back to the audience: by who leads, or by oneself. @throws DomainError `teaching.stage-only` */
export async function sendBack(
  work: Work<StaffActor>,
  sessionId: string,
  personId: string,
): Promise<z.input<typeof stageAnswer>> {
  const { tx, actor, origin } = work;
  const { row, rights } = await loadSession(work, sessionId);
  if (!leads(rights) && personId !== actor.personId) throw new DomainError("teaching.stage-only");
  await repository.lockLive(tx, sessionId);
  if (await leave(work, sessionId, personId)) {
    await put(work, sessionId, "stage-left", { personId });
    await trace(tx, actor, origin, {
      action: "teaching.send-back",
      entityType: "teaching-session",
      entityId: sessionId,
      detail: { personId },
    });
  }
  const { stageMost } = await livePolicyOf(tx, row.institutionId);
  return viewStage(work, sessionId, stageMost);
}

/**
 * Somebody else leads from now on: presenter or co-host, who is on the stage.
 * @throws DomainError `teaching.stage-only`, `teaching.not-here`
 */
export async function handOver(
  work: Work<StaffActor>,
  sessionId: string,
  personId: string,
): Promise<void> {
  const { row } = await loadLed(work, sessionId);
  await moveLead(work, sessionId, personId, false);
  await trace(work.tx, work.actor, work.origin, {
    action: "teaching.hand-over",
    entityType: "teaching-session",
    entityId: row.id,
    detail: { personId },
  });
}

/** @throws DomainError `teaching.not-here` */
export async function moveLead(
  work: Pick<Work, "tx" | "now">,
  sessionId: string,
  personId: string,
  byItself: boolean,
): Promise<void> {
  const { tx } = work;
  const live = await repository.lockLive(tx, sessionId);
  const stage = await repository.findStage(tx, sessionId);
  const next = stage.find((one) => one.personId === personId && isLeading(one.role));
  if (!live || !next) throw new DomainError("teaching.not-here");
  if (live.leadPersonId === personId) return;
  await repository.updateLive(tx, sessionId, { leadPersonId: personId });
  await put(work, sessionId, "handover", { toPersonId: personId, toName: next.name, byItself });
}

export const isLeading = (role: StageRole): boolean => role === "presenter" || role === "co-host";

/** A guest whose line is gone for good is no longer on the stage; a speaker's place is kept. */
export async function leaveAsGuest(
  work: Pick<Work, "tx" | "now">,
  sessionId: string,
  deviceId: string,
): Promise<void> {
  const stage = await repository.findStage(work.tx, sessionId);
  const gone = stage.find((one) => one.deviceId === deviceId && one.role === "guest");
  if (!gone) return;
  await leave(work, sessionId, gone.personId);
  await writeEntry(
    work.tx,
    sessionId,
    { kind: "stage-left", data: { personId: gone.personId } },
    work.now,
  );
}

/** Everybody is let go at the end. */
export async function clearStage(
  { tx, now }: Pick<Work, "tx" | "now">,
  sessionId: string,
): Promise<void> {
  await tx
    .update(teachingStage)
    .set({ leftAt: now })
    .where(and(eq(teachingStage.sessionId, sessionId), isNull(teachingStage.leftAt)));
}

/** @throws DomainError `request.not-found`, `teaching.stage-only` */
export async function viewStage(
  { tx }: Work,
  sessionId: string,
  most: number,
): Promise<z.input<typeof stageAnswer>> {
  const stage = await repository.findStage(tx, sessionId);
  return {
    most,
    stage: stage.map(({ personId, name, org, role, sub, joinedAt }) => ({
      personId,
      name,
      org,
      role,
      sub,
      since: joinedAt.toISOString(),
    })),
  };
}
