import { and, desc, eq, inArray, isNotNull, notInArray, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { boardNumbers, houseAnswers, type LoopKind, loopRows } from "./board-contract.ts";
import { referral, referralPolicy, referralStep } from "./schema.ts";
import { endedReferralStates } from "./states.ts";

/** Numbers of the houses that the reader may compare; null: he may not. */
export async function findBoard(
  tx: Tx,
  span: { since: Date; now: Date; sinceDay: string; today: string },
) {
  const [row] = await tx.execute<{ board: unknown }>(
    sql`select app.referral_board(${span.since.toISOString()}::timestamptz, ${span.now.toISOString()}::timestamptz, ${span.sinceDay}::date, ${span.today}::date) as board`,
  );
  return row?.board ? boardNumbers.parse(row.board) : null;
}

/** How soon each house answers; empty for who may not compare any. */
export async function findAnswers(tx: Tx, span: { since: Date; now: Date }) {
  const [row] = await tx.execute<{ answers: unknown }>(
    sql`select app.referral_board_answers(${span.since.toISOString()}::timestamptz, ${span.now.toISOString()}::timestamptz) as answers`,
  );
  return z.array(houseAnswers).parse(row?.answers);
}

/** The referrals behind one number of the board, or its missed follow-ups; null: the reader may not compare that house. */
export async function findBehind(
  tx: Tx,
  span: { since: Date; now: Date },
  wanted: { what: LoopKind; house: string | null; take: number; skip: number },
) {
  if (wanted.what === "missed") {
    const [found] = await tx.execute<{ list: unknown }>(
      sql`select app.referral_board_missed(${span.since.toISOString()}::timestamptz, ${span.now.toISOString()}::timestamptz, ${wanted.house}::uuid, ${wanted.take}::int, ${wanted.skip}::int) as list`,
    );
    return found?.list ? loopRows.parse(found.list) : null;
  }
  const [row] = await tx.execute<{ list: unknown }>(
    sql`select app.referral_board_list(${span.since.toISOString()}::timestamptz, ${span.now.toISOString()}::timestamptz, ${wanted.what}, ${wanted.house}::uuid, ${wanted.take}::int, ${wanted.skip}::int) as list`,
  );
  return row?.list ? loopRows.parse(row.list) : null;
}

const open = (institutionId: string) =>
  and(
    isNotNull(referral.submittedAt),
    notInArray(referral.state, [
      ...endedReferralStates,
      "draft",
      "patient-consented",
      "returned",
      "advised",
    ]),
    or(eq(referral.fromInstitutionId, institutionId), eq(referral.toInstitutionId, institutionId)),
    // A way up that went home goes on as its way down.
    sql`not (${referral.direction} = 'up' and ${referral.state} in ('sent-down', 'continued-in-community')
      and exists (select 1 from referral d where d.previous_id = ${referral.id} and d.direction = 'down'))`,
  );

/** Open loops of which a house is a side: what is waited for longest stands first. */
export function findOwnLoops(tx: Tx, institutionId: string, limit: number) {
  return tx
    .select()
    .from(referral)
    .where(open(institutionId))
    .orderBy(
      sql`case when ${referral.state} = 'submitted' then 0 else 1 end`,
      sql`${referral.respondBy} asc nulls last`,
      desc(referral.submittedAt),
    )
    .limit(limit);
}

/** The newest returns that a house gave or got, with their reasons. */
export function findReturns(tx: Tx, institutionId: string, since: Date, limit: number) {
  return tx
    .select({ row: referral, reason: referralStep.reason, at: referralStep.at })
    .from(referralStep)
    .innerJoin(referral, eq(referral.id, referralStep.referralId))
    .where(
      and(
        inArray(referralStep.action, ["return", "handBack"]),
        sql`${referralStep.at} >= ${since.toISOString()}::timestamptz`,
        or(
          eq(referral.fromInstitutionId, institutionId),
          eq(referral.toInstitutionId, institutionId),
        ),
      ),
    )
    .orderBy(desc(referralStep.at))
    .limit(limit);
}

/** Every dated row of a house's clocks, the newest first. */
export function findPolicyRows(tx: Tx, institutionId: string) {
  return tx
    .select()
    .from(referralPolicy)
    .where(eq(referralPolicy.institutionId, institutionId))
    .orderBy(desc(referralPolicy.validFrom));
}

/** @returns false when that day has a row already */
export async function insertPolicyRow(
  tx: Tx,
  row: typeof referralPolicy.$inferInsert,
): Promise<boolean> {
  const made = await tx
    .insert(referralPolicy)
    .values(row)
    .onConflictDoNothing()
    .returning({ validFrom: referralPolicy.validFrom });
  return made.length > 0;
}
