import { trace } from "../audit/service.ts";
import { addDays } from "../calendar/domain.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { findRuleWords } from "../triage/service.ts";
import { type Board, type boardDays, careLevels } from "./board-contract.ts";
import { findAnswers, findBoard, findOwnLoops, findReturns } from "./board-repository.ts";
import { institutionRefs, plainRef } from "./view.ts";

const listedLoops = 100;
const listedReasons = 10;

/**
 * The loop board (闭环看板): what is open by clock, how the houses of the reader's alliances answer, and where
 * people are seen. Numbers alone; what is behind them is listed for the reader's own house, without names.
 * The tiered-care indicator counts completed visits by the level of the house, and referrals by the level of
 * the house that was asked (national assessment of tiered care: share of visits in primary care).
 * @param days the period, whole days back from now
 * @throws DomainError `permission.denied`
 */
export async function readBoard(
  work: Work<StaffActor>,
  days: (typeof boardDays)[number],
): Promise<Board> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.board");
  const since = new Date(now.getTime() - days * 86_400_000);
  const today = localDay(now);
  const numbers = await findBoard(tx, { since, now, sinceDay: addDays(today, 1 - days), today });
  if (!numbers) throw new DomainError("permission.denied");
  const answering = await findAnswers(tx, { since, now });
  const loops = await findOwnLoops(tx, actor.institutionId, listedLoops);
  const returns = await findReturns(tx, actor.institutionId, since, listedReasons);
  const refs = await institutionRefs(tx, [
    ...numbers.houses.map((one) => one.id),
    ...[...loops, ...returns.map((one) => one.row)].flatMap((row) => [
      row.fromInstitutionId,
      row.toInstitutionId,
    ]),
  ]);
  const ref = (id: string) => plainRef(refs.get(id)!);
  await trace(tx, actor, origin, {
    action: "referral-board.read",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: { days, listed: loops.length },
  });
  const words = await findRuleWords(tx);
  return {
    ...numbers,
    rules: numbers.rules.map((one) => ({ ...one, because: words.get(one.rule) ?? null })),
    days,
    since: since.toISOString(),
    at: now.toISOString(),
    everywhere: actor.permissions.has("referral.board-all"),
    ownInstitutionId: actor.institutionId,
    houses: numbers.houses.map((one) => ({ ...one, institution: ref(one.id) })),
    answering: answering.map((one) => ({ ...one, institution: ref(one.id) })),
    levels: careLevels.map((level) => {
      const at = numbers.houses.filter((one) => one.level === level);
      const sum = (what: "visits" | "up" | "down") =>
        at.reduce((total, one) => total + one[what], 0);
      return { level, visits: sum("visits"), up: sum("up"), down: sum("down") };
    }),
    own: loops.map((row) => ({
      id: row.id,
      number: row.number,
      direction: row.direction,
      urgency: row.urgency,
      state: row.state,
      from: ref(row.fromInstitutionId),
      to: ref(row.toInstitutionId!),
      dueAt: row.state === "submitted" ? (row.respondBy?.toISOString() ?? null) : null,
      submittedAt: row.submittedAt!.toISOString(),
    })),
    reasons: returns.flatMap(({ row, reason, at }) =>
      reason && row.toInstitutionId
        ? [
            {
              id: row.id,
              number: row.number,
              from: ref(row.fromInstitutionId),
              to: ref(row.toInstitutionId),
              reason,
              at: at.toISOString(),
            },
          ]
        : [],
    ),
  };
}
