import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, type Work, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import type { StaffActor } from "../identity/domain.ts";
import { identify, senderOf } from "../identity/service.ts";
import type { MediaService } from "../media/service.ts";
import { readAttendance, readSitePeople, tick, untick } from "./attendance-service.ts";
import * as contract from "./live-contract.ts";
import { enterSession, type HlsAddress, heartbeat } from "./live-enter.ts";
import { readLivePolicy, setLivePolicy } from "./live-policy.ts";
import { readHealth, readReplay } from "./live-replay.ts";
import { type LiveListener, takeLiveStep } from "./live-service.ts";
import { createLiveStates } from "./live-states.ts";
import { addPoll, dropPoll, listPolls, stepPoll } from "./poll-service.ts";
import { handOver, promote, sendBack } from "./stage-service.ts";
import {
  readStatistics,
  statisticsAnswer,
  statisticsCsv,
  statisticsQuery,
} from "./statistics-service.ts";
import { createTimelineWriter, readState, readStrokes, readTimeline } from "./timeline-service.ts";

const byId = z.object({ id: uuid });
const byPoll = byId.extend({ pollId: uuid });
const byTick = byId.extend({ tickId: uuid });
const ok = { ok: true } as const;
const done = { 200: empty };
const stage = { 200: contract.stageAnswer };
const site = { 200: contract.sitePeople };

/** The running broadcast: coming in, its timeline, stage, questions, attendance, replay and figures. */
export async function teachingLiveRoutes(
  app: App,
  options: {
    services: Services;
    media: MediaService;
    hls: HlsAddress;
    listeners: readonly LiveListener[];
  },
): Promise<void> {
  const { services, media, hls, listeners } = options;
  const states = createLiveStates(services.db);
  const timeline = createTimelineWriter(services);

  const claimed = async (
    request: FastifyRequest,
    sessionId: string,
    detail: { kind: string } | { route: string },
  ): Promise<void> => {
    if (!request.actor) await identify(services, request);
    const actor = requireStaff(request);
    await services.db.withActor(actor, (tx) =>
      trace(tx, actor, request.traceOrigin, {
        action: "teaching.stage-claimed",
        entityType: "teaching-session",
        entityId: sessionId,
        detail,
      }),
    );
  };

  /** A step of who leads; whoever claims it without leading is refused and written down. */
  const step = async <Answer>(
    request: FastifyRequest,
    sessionId: string,
    work: (work: Work<StaffActor>) => Promise<Answer>,
  ): Promise<Answer> => {
    const actor = requireStaff(request);
    try {
      return await write(services, request, actor, work);
    } catch (error) {
      if (error instanceof DomainError && error.code === "teaching.stage-only")
        await claimed(request, sessionId, { route: request.routeOptions.url ?? "" });
      throw error;
    }
  };
  const writer = (request: FastifyRequest) => ({
    actor: requireStaff(request),
    origin: request.traceOrigin,
  });

  app.post(
    "/api/teaching/sessions/:id/enter",
    {
      schema: { params: byId, body: contract.enterBody, response: { 200: contract.enterAnswer } },
    },
    // Never kept for a repetition: a token is good once.
    async (request) => {
      const actor = requireStaff(request);
      return services.db.withActor(actor, (tx) =>
        enterSession(
          media,
          hls,
          { tx, actor, origin: request.traceOrigin, now: services.clock() },
          request.params.id,
          request.body,
        ),
      );
    },
  );
  app.post(
    "/api/teaching/sessions/:id/heartbeat",
    { schema: { params: byId, body: contract.heartbeatBody, response: done } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => {
        await heartbeat(work, request.params.id, request.body);
        return ok;
      }),
  );
  app.get(
    "/api/teaching/sessions/:id/state",
    { schema: { params: byId, response: { 200: contract.stateAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readState(states, work, request.params.id),
      ),
  );
  app.get(
    "/api/teaching/sessions/:id/timeline",
    {
      schema: {
        params: byId,
        querystring: contract.timelineQuery,
        response: { 200: contract.timelinePage },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readTimeline(work, request.params.id, request.query),
      ),
  );
  app.get(
    "/api/teaching/sessions/:id/strokes",
    {
      schema: {
        params: byId,
        querystring: contract.strokesQuery,
        response: { 200: contract.strokesAnswer },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readStrokes(work, request.params.id, request.query.surface),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/entries",
    {
      schema: { params: byId, body: contract.entryBody, response: { 200: contract.entryAnswer } },
      attachValidation: true,
      config: { ownSession: true },
    },
    async (request) =>
      timeline.send(senderOf(services, request), request.params.id, request.body, () =>
        claimed(request, request.params.id, { kind: request.body.kind }),
      ),
  );

  app.post(
    "/api/teaching/sessions/:id/live",
    {
      schema: {
        params: byId,
        body: contract.liveStepBody,
        response: { 200: contract.liveStepAnswer },
      },
    },
    async (request) =>
      step(request, request.params.id, (work) =>
        takeLiveStep(listeners, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/stage",
    { schema: { params: byId, body: contract.promoteBody, response: stage } },
    async (request) =>
      step(request, request.params.id, (work) => promote(work, request.params.id, request.body)),
  );
  app.post(
    "/api/teaching/sessions/:id/stage/back",
    { schema: { params: byId, body: contract.personBody, response: stage } },
    async (request) =>
      step(request, request.params.id, (work) =>
        sendBack(work, request.params.id, request.body.personId),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/handover",
    { schema: { params: byId, body: contract.personBody, response: done } },
    async (request) =>
      step(request, request.params.id, async (work) => {
        await handOver(work, request.params.id, request.body.personId);
        return ok;
      }),
  );

  app.get(
    "/api/teaching/sessions/:id/polls",
    { schema: { params: byId, response: { 200: contract.pollList } } },
    async (request) =>
      step(request, request.params.id, (work) => listPolls(work, request.params.id)),
  );
  app.post(
    "/api/teaching/sessions/:id/polls",
    { schema: { params: byId, body: contract.pollBody, response: { 200: contract.made } } },
    async (request) =>
      step(request, request.params.id, (work) => addPoll(work, request.params.id, request.body)),
  );
  app.delete(
    "/api/teaching/sessions/:id/polls/:pollId",
    { schema: { params: byPoll, response: done } },
    async (request) =>
      step(request, request.params.id, async (work) => {
        await dropPoll(work, request.params.id, request.params.pollId);
        return ok;
      }),
  );
  app.post(
    "/api/teaching/sessions/:id/polls/:pollId/steps",
    {
      schema: { params: byPoll, body: contract.pollStepBody, response: { 200: contract.pollView } },
    },
    async (request) => {
      const { id: sessionId, pollId } = request.params;
      return step(request, sessionId, (work) =>
        stepPoll(work, { sessionId, pollId }, request.body),
      );
    },
  );
  app.post(
    "/api/teaching/sessions/:id/polls/:pollId/answer",
    { schema: { params: byPoll, body: contract.answerBody, response: done } },
    async (request) => {
      await timeline.answer(writer(request), request.params.pollId, request.body);
      return ok;
    },
  );

  app.get(
    "/api/teaching/sessions/:id/site-people",
    { schema: { params: byId, response: site } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readSitePeople(work, request.params.id),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/site-people",
    { schema: { params: byId, body: contract.tickBody, response: site } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        tick(work, request.params.id, request.body),
      ),
  );
  app.delete(
    "/api/teaching/sessions/:id/site-people/:tickId",
    { schema: { params: byTick, response: site } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        untick(work, request.params.id, request.params.tickId),
      ),
  );
  app.get(
    "/api/teaching/sessions/:id/attendance",
    { schema: { params: byId, response: { 200: contract.attendanceList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readAttendance(work, request.params.id),
      ),
  );
  app.get(
    "/api/teaching/sessions/:id/health",
    { schema: { params: byId, response: { 200: contract.healthAnswer } } },
    async (request) =>
      step(request, request.params.id, (work) => readHealth(work, request.params.id)),
  );
  app.get(
    "/api/teaching/sessions/:id/replay",
    {
      schema: {
        params: byId,
        querystring: contract.replayQuery,
        response: { 200: contract.replayAnswer },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readReplay(work, request.params.id, request.query.q),
      ),
  );

  app.get(
    "/api/teaching/statistics",
    { schema: { querystring: statisticsQuery, response: { 200: statisticsAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readStatistics(work, request.query)),
  );
  app.get(
    "/api/teaching/statistics.csv",
    { schema: { querystring: statisticsQuery } },
    async (request, reply) => {
      const found = await read(services, request, requireStaff(request), (work) =>
        readStatistics(work, request.query),
      );
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="teaching.csv"')
        .send(statisticsCsv(found));
    },
  );
  app.get(
    "/api/teaching/live-policy",
    { schema: { response: { 200: contract.policyBody } } },
    async (request) => read(services, request, requireStaff(request), readLivePolicy),
  );
  app.put(
    "/api/teaching/live-policy",
    { schema: { body: contract.policyBody, response: { 200: contract.policyBody } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => setLivePolicy(work, request.body)),
  );
}
