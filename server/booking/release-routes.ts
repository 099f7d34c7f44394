import { sql } from "drizzle-orm";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { type BatchRow, createBatch, type Sender, senderOf } from "./batch.ts";
import * as contract from "./contract.ts";
import { askAgainMs, minutesToTurn } from "./release-domain.ts";
import type { ReleaseRooms } from "./release-rooms.ts";
import { enterRoom } from "./release-service.ts";

type Entry = Sender & { segment: string; patient: string; lot: number };
type Entered = z.input<typeof contract.enteredRoom>;

/** The waiting room of a release: one place a person, asked for as often as one likes. */
export async function releaseRoutes(
  app: App,
  { services, rooms, perMinute }: { services: Services; rooms: ReleaseRooms; perMinute: number },
): Promise<void> {
  const enter = createBatch<Entry, Entered>({
    order: (item) => item.patient,
    run: (items) =>
      services.db.statement<BatchRow<Entered>>(
        sql`select place, problem, answer from app.enter_rooms(${JSON.stringify(items)}::jsonb, ${services.clock().toISOString()})`,
      ),
  });
  const rush = {
    ownSession: true,
    rateLimit: {
      max: perMinute,
      timeWindow: "1 minute",
      keyGenerator: (request: { ip: string }) => request.ip,
    },
  };

  app.post(
    // In the address, as for confirming: who asks is judged in the statement, after the body was parsed.
    "/api/booking/waiting-room/:segmentId/:patientId",
    {
      schema: {
        params: contract.enterRoomBody,
        body: z.object({}).strict().nullish(),
        response: { 200: contract.enteredRoom },
      },
      config: rush,
    },
    async (request) => {
      const { segmentId, patientId } = request.params;
      const entered = await enter({
        ...senderOf(services, request),
        segment: segmentId,
        patient: patientId,
        lot: Math.random(),
      });
      rooms.entered(entered.roomId, entered.placeId);
      return { ...entered, releaseAt: new Date(entered.releaseAt).toISOString() };
    },
  );

  // A place is an unguessable number that tells nothing but how far its room is: no session is looked up.
  app.get(
    "/api/booking/waiting-room/:id",
    {
      schema: { params: z.object({ id: uuid }), response: { 200: contract.placeInRoom } },
      config: rush,
    },
    async (request) => {
      const place = await rooms.place(request.params.id);
      if (!place) throw new DomainError("request.not-found");
      const { progress, number, people } = place;
      const ahead = number === null ? null : Math.max(0, number - progress.admittedTo - 1);
      return {
        ...progress,
        number,
        ahead,
        admitted: number !== null && number <= progress.admittedTo,
        minutes: ahead === null ? null : minutesToTurn(ahead, progress.perSecond),
        askAgainMs: Math.round(
          askAgainMs(
            {
              msToRelease: Date.parse(progress.releaseAt) - services.clock().getTime(),
              people,
              ahead,
              perSecond: progress.perSecond,
            },
            Math.random(),
          ),
        ),
      };
    },
  );

  app.post(
    "/api/assist/waiting-room",
    { schema: { body: contract.enterRoomBody, response: { 200: contract.enteredRoom } } },
    async (request) => {
      const entered = await write(services, request, requireStaff(request), (work) =>
        enterRoom(work, request.body),
      );
      rooms.entered(entered.roomId, entered.placeId);
      return entered;
    },
  );
}
