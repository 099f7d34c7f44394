/** Versions of the hotline's red-flag questions: drafted by one clinician, published by a second. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type { questionSetBody, questionSetList, questionSetView } from "./contract.ts";
import type { SetRow } from "./question-repository.ts";
import * as repository from "./question-repository.ts";

type View = z.input<typeof questionSetView>;

/** What is asked today. Every database has a version from the beginning. */
export async function currentQuestions(tx: Tx, now: Date): Promise<SetRow> {
  const row = await repository.findSetOn(tx, localDay(now));
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/**
 * The version that a call was asked; what is asked today for one that was not asked yet.
 * @throws DomainError `request.not-found` for a version that nobody asks
 */
export async function questionsOf(tx: Tx, id: string | null, now: Date): Promise<SetRow> {
  const row = id ? await repository.findSet(tx, id) : await currentQuestions(tx, now);
  if (row?.state !== "published") throw new DomainError("request.not-found");
  return row;
}

/** All versions, newest first. @throws DomainError `permission.denied` */
export async function listQuestionSets(
  work: Work<StaffActor>,
): Promise<z.input<typeof questionSetList>> {
  assertPermission(work.actor, "hotline.rules");
  return { sets: await view(work, await repository.findSets(work.tx)) };
}

/**
 * Write a version as a draft: it is asked when a second clinician has published it and its day has come.
 * @throws DomainError `hotline.version-day` for a day that is over
 */
export async function draftQuestions(
  work: Work<StaffActor>,
  body: z.output<typeof questionSetBody>,
): Promise<View> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "hotline.rules");
  if (body.validFrom < localDay(now)) throw new DomainError("hotline.version-day");
  const row = await repository.insertSet(tx, { ...body, authoredBy: actor.personId });
  await trace(tx, actor, origin, {
    action: "hotline-questions.draft",
    entityType: "hotline-question-set",
    entityId: row.id,
    detail: { version: row.version },
  });
  return (await view(work, [row]))[0]!;
}

/**
 * Publish somebody else's draft.
 * @throws DomainError `fever.second-clinician` for the author, `fever.version-stands` when it was published before
 */
export async function publishQuestions(work: Work<StaffActor>, id: string): Promise<View> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "hotline.rules");
  const draft = await repository.findSet(tx, id);
  if (!draft) throw new DomainError("request.not-found");
  if (draft.state === "published") throw new DomainError("fever.version-stands");
  if (draft.authoredBy === actor.personId) throw new DomainError("fever.second-clinician");
  const row = await repository.publishSet(tx, id, actor.personId, now);
  if (!row) throw new DomainError("fever.version-stands");
  await trace(tx, actor, origin, {
    action: "hotline-questions.publish",
    entityType: "hotline-question-set",
    entityId: id,
    detail: { version: row.version },
  });
  return (await view(work, [row]))[0]!;
}

async function view(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly SetRow[],
): Promise<View[]> {
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.authoredBy, row.publishedBy].filter((one) => one !== null)),
  );
  const current = await repository.findSetOn(tx, localDay(now));
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    validFrom: row.validFrom,
    state: row.state,
    questions: row.questions,
    source: row.source,
    recalled: row.recalled,
    author: row.authoredBy ? (names.get(row.authoredBy) ?? "") : null,
    publisher: row.publishedBy ? (names.get(row.publishedBy) ?? "") : null,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    current: row.id === current?.id,
    mayPublish: row.state === "draft" && row.authoredBy !== actor.personId,
  }));
}
