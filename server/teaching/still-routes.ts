import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import type { SlideStore } from "./slides-store.ts";
import * as contract from "./still-contract.ts";
import { stillLimits, stillTypes } from "./still-domain.ts";
import {
  addStill,
  assertBringsStill,
  drawStill,
  listStills,
  openStill,
  takeStillAway,
} from "./still-service.ts";

const byId = z.object({ id: uuid });

/** Pictures that a speaker brings to the board while it runs. A scope of its own: its bodies are pictures. */
export async function stillRoutes(
  app: App,
  { services, store }: { services: Services; store: SlideStore },
): Promise<void> {
  app.addContentTypeParser(
    [...stillTypes],
    { parseAs: "buffer", bodyLimit: stillLimits.bytes },
    (_request, body, done) => done(null, body),
  );
  app.post(
    "/api/teaching/sessions/:id/stills",
    {
      bodyLimit: stillLimits.bytes,
      schema: {
        params: byId,
        querystring: contract.stillQuery,
        response: { 200: contract.stillView },
      },
    },
    async (request) => {
      const actor = requireStaff(request);
      const { id } = request.params;
      // Who may not bring one does not make it be drawn.
      await read(services, request, actor, (work) => assertBringsStill(work, id));
      const { body } = request;
      if (!Buffer.isBuffer(body)) throw new DomainError("attachment.kind");
      const drawn = await drawStill(body);
      return read(services, request, actor, (work) => addStill(work, store, id, drawn));
    },
  );
  app.get(
    "/api/teaching/sessions/:id/stills",
    { schema: { params: byId, response: { 200: contract.stillList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listStills(work, request.params.id)),
  );
  app.get(
    "/api/teaching/stills/:id/:version",
    { schema: { params: contract.stillParams } },
    async (request, reply) => {
      const { id, version } = request.params;
      const row = await read(services, request, requireStaff(request), (work) =>
        openStill(work, id),
      );
      return (
        reply
          // It may be taken away at any moment: nothing is kept by a browser.
          .header("cache-control", "no-store")
          .header("x-content-type-options", "nosniff")
          .type("image/webp")
          .send(await store.readPicture(row.id, 1, version))
      );
    },
  );
  app.delete(
    "/api/teaching/stills/:id",
    { schema: { params: byId, response: { 200: empty } } },
    async (request) => {
      await write(services, request, requireStaff(request), (work) =>
        takeStillAway(work, request.params.id),
      );
      await store.remove(request.params.id);
      return { ok: true } as const;
    },
  );
}
