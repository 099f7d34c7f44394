import type { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { TubeState } from "../sampling/domain.ts";
import type { surgeBoard } from "./contract.ts";
import { forecastEnd, waitMinutes } from "./domain.ts";
import * as repository from "./repository.ts";
import { assertSees, ownSurge, viewSurge } from "./surge-service.ts";

/** From so many swabs on a pace counts as measured. */
const trusted = 5;
const minutesFrom = (now: Date, minutes: number) => new Date(now.getTime() + minutes * 60_000);

/** The evening at a glance: numbers of stations, tubes and results, nobody's name but the samplers'. */
export async function readSurgeBoard(
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof surgeBoard>> {
  const { tx, actor, now } = work;
  assertSees(actor);
  const row = await ownSurge(work, id);
  const board = await repository.readBoard(tx, id, now);
  if (!board) throw new DomainError("request.not-found");
  const until = new Date(row.endsAt);
  const running = row.state === "open" || row.state === "closing";
  const sites = board.sites.map((site) => {
    const own = board.stations.filter((one) => one.siteId === site.id);
    const perHour = own
      .filter((one) => one.state === "open")
      .reduce((sum, one) => sum + Number(one.perHour), 0);
    const waiting = site.hall + own.reduce((sum, one) => sum + one.queue, 0);
    const end = forecastEnd({ now, waiting, toCome: site.toCome, perHour, until });
    return {
      ...site,
      waiting,
      perHour,
      endsAt: end?.toISOString() ?? null,
      stations: own.map(({ siteId: _, measured, ...one }) => {
        const works = one.state === "open";
        const minutes = works ? waitMinutes(one.queue, Number(one.perHour)) : null;
        return {
          ...one,
          perHour: Number(one.perHour),
          measured: measured >= trusted,
          waitMinutes: minutes === null ? null : Math.ceil(minutes),
          endsAt: minutes === null ? null : minutesFrom(now, minutes).toISOString(),
        };
      }),
    };
  });
  const perHour = sites.reduce((sum, one) => sum + one.perHour, 0);
  const waiting = sites.reduce((sum, one) => sum + one.waiting, 0);
  // Who is expected and has not come yet, until the evening is closed.
  const toCome = row.state === "open" ? Math.max(0, row.expectedPeople - board.registered) : 0;
  const end = running ? forecastEnd({ now, waiting, toCome, perHour, until }) : null;
  const of = (...states: TubeState[]) =>
    states.reduce((sum, state) => sum + (board.tubes[state] ?? 0), 0);
  return {
    now: now.toISOString(),
    surge: viewSurge(row, actor),
    sites,
    registered: board.registered,
    sampled: board.sampled,
    waiting,
    ledAway: board.places["led-away"] ?? 0,
    perHour: Math.round(perHour),
    forecastEnd: end?.toISOString() ?? null,
    tubes: {
      filling: of("open", "collecting"),
      toCollect: of("sealed"),
      inTransit: of("in-transit"),
      inLaboratory: of("received", "testing"),
      done: of("negative", "positive", "indeterminate", "rejected"),
      voided: of("void"),
      overdue: board.overdue,
    },
    resultsDue: board.due.map((one) => ({ ...one, hour: new Date(one.hour).toISOString() })),
    recallsOpen: board.recalls,
    freeSamplers: running
      ? (await repository.findFreeSamplers(tx, actor.institutionId, now)).length
      : 0,
    moved: board.moved.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
  };
}
