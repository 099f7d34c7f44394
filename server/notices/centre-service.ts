/** The notice centre: what was told, who has it in hand, what is held and until when. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { announce } from "../outbox/service.ts";
import { localDay } from "../patients/service.ts";
import type {
  CentreView,
  centreQuery,
  NoticePolicyList,
  noticePolicyBody,
  QuietView,
  quietBody,
} from "./centre-contract.ts";
import * as repository from "./centre-repository.ts";
import { defaultNoticePolicy } from "./quiet.ts";
import type { NoticeRow } from "./repository.ts";

type Staff = Work<StaffActor>;
/** Hears that somebody has a thing in hand, in the transaction that says so. */
export type AcknowledgeListener = (work: Staff, notice: NoticeRow) => Promise<void>;

const dayMs = 86_400_000;
const listed = 200;

/** The numbers of a house on a day: its own over the product's. */
export async function noticePolicyOf(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<NoticePolicyList["defaults"]> {
  const row = await repository.findPolicyOn(tx, institutionId, day);
  return numbersOf(
    row ?? { ...defaultNoticePolicy, digestMinutes: [...defaultNoticePolicy.digestMinutes] },
  );
}

const numbersOf = (row: NoticePolicyList["defaults"]): NoticePolicyList["defaults"] => ({
  digestMinutes: [...row.digestMinutes],
  quietFromMinute: row.quietFromMinute,
  quietToMinute: row.quietToMinute,
  keptDays: row.keptDays,
  worseMinutes: row.worseMinutes,
  silentHours: row.silentHours,
  silentMinutes: row.silentMinutes,
});

/** What was told to the reader, or in the house about what the reader works with. Policies decide which rows there are. */
export async function listCentre(
  { tx, actor, now }: Staff,
  query: z.output<typeof centreQuery>,
): Promise<CentreView> {
  const { keptDays } = await noticePolicyOf(tx, actor.institutionId, localDay(now));
  const oldest = new Date(now.getTime() - keptDays * dayMs);
  const from = query.from ? new Date(`${query.from}T00:00:00+08:00`) : oldest;
  const rows = await repository.findTold(tx, {
    of:
      query.of === "house" ? { institutionId: actor.institutionId } : { personId: actor.personId },
    since: from > oldest ? from : oldest,
    until: query.to ? new Date(Date.parse(`${query.to}T00:00:00+08:00`) + dayMs) : null,
    unacknowledged: query.unacknowledged === "true",
    kinds: query.kinds === undefined ? null : query.kinds.split(",").filter(Boolean),
    number: query.number ?? null,
    limit: listed,
  });
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => (row.ackBy ? [row.ackBy] : [])),
  );
  return {
    fresh: await repository.countFresh(tx, actor.personId),
    keptDays,
    notices: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      entityType: row.entityType,
      entityId: row.entityId,
      detail: (row.detail ?? {}) as Record<string, unknown>,
      urgency: row.urgency,
      at: row.at.toISOString(),
      readAt: row.personId === actor.personId ? (row.readAt?.toISOString() ?? null) : null,
      mine: row.personId === actor.personId,
      toldTo: row.toldTo,
      acknowledged:
        row.ackAt && row.ackBy
          ? { by: names.get(row.ackBy) ?? "", at: row.ackAt.toISOString() }
          : null,
      held:
        row.heldUntil && row.heldFor && !row.releasedAt
          ? { until: row.heldUntil.toISOString(), for: row.heldFor }
          : null,
    })),
  };
}

/**
 * The reader has it in hand: the house sees who and when, and an escalation goes no higher. The first who
 * says so has it; saying it again changes nothing.
 * @throws DomainError `request.not-found`: another house's, or what one does not work with, is not there
 */
export async function acknowledge(
  work: Staff,
  id: string,
  listeners: readonly AcknowledgeListener[],
): Promise<void> {
  const { tx, actor, now } = work;
  const before = await repository.findOne(tx, id);
  const row = before && (await repository.acknowledge(tx, id, now));
  if (!row) throw new DomainError("request.not-found");
  if (before.ackAt === null && row.ackBy === actor.personId)
    for (const listener of listeners) await listener(work, row);
  await announce(
    tx,
    { topic: "notice", id: row.entityId, version: 0 },
    { personIds: [actor.personId], institutionIds: [row.institutionId] },
  );
}

/** When the reader is not rung for what can wait. */
export async function readQuiet({ tx, actor, now }: Staff): Promise<QuietView> {
  const [own] = await repository.findAddressees(
    tx,
    { entityType: "", entityId: "" },
    [actor.personId],
    now,
  );
  const [house] = await findInstitutions(tx, [actor.institutionId]);
  const row = await repository.findQuiet(tx, actor.personId);
  return {
    fromMinute: own?.quietFrom ?? defaultNoticePolicy.quietFromMinute,
    toMinute: own?.quietTo ?? defaultNoticePolicy.quietToMinute,
    own: row !== null,
    timeZone: house?.timeZone ?? "Asia/Shanghai",
    digestMinutes: own?.digestMinutes ?? [...defaultNoticePolicy.digestMinutes],
  };
}

/** The same minute twice: never quiet. What lies held already keeps its time. */
export async function setQuiet(work: Staff, input: z.output<typeof quietBody>): Promise<QuietView> {
  const { tx, actor, origin, now } = work;
  await repository.saveQuiet(tx, { personId: actor.personId, ...input, setAt: now });
  await trace(tx, actor, origin, {
    action: "notice.quiet",
    entityType: "person",
    entityId: actor.personId,
    detail: input,
  });
  return readQuiet(work);
}

/** @throws DomainError `permission.denied` */
export async function listNoticePolicies({ tx, actor, now }: Staff): Promise<NoticePolicyList> {
  assertPermission(actor, "directory.manage");
  const rows = await repository.findPolicies(tx, actor.institutionId);
  return {
    today: localDay(now),
    defaults: numbersOf({
      ...defaultNoticePolicy,
      digestMinutes: [...defaultNoticePolicy.digestMinutes],
    }),
    rows: rows.map((row) => ({
      id: row.id,
      validFrom: row.validFrom,
      source: row.source,
      ...numbersOf(row),
    })),
  };
}

/** From a day on, today at the earliest. @throws DomainError `permission.denied`, `schedule.past`, `card.policy-day` */
export async function enterNoticePolicy(
  work: Staff,
  input: z.output<typeof noticePolicyBody>,
): Promise<NoticePolicyList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "directory.manage");
  if (input.validFrom < localDay(now)) throw new DomainError("schedule.past");
  const made = await repository.insertPolicy(tx, {
    ...input,
    institutionId: actor.institutionId,
    enteredBy: actor.personId,
  });
  if (!made) throw new DomainError("card.policy-day", { day: input.validFrom });
  const { source: _source, ...numbers } = input;
  await trace(tx, actor, origin, {
    action: "policy.notices",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: numbers,
  });
  return listNoticePolicies(work);
}
