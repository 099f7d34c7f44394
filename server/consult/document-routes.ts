import { z } from "zod";
import { type App, read, requireActor, type Services } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { systemActor } from "../identity/service.ts";
import { createOpinionPrinter } from "../opinion-document/service.ts";
import { checkAnswer } from "./contract.ts";
import { checkOpinion, printOpinion } from "./document-service.ts";

/** The signed opinion on paper, and the public page that verifies it. */
export async function documentRoutes(app: App, services: Services): Promise<void> {
  const printer = createOpinionPrinter();
  app.addHook("onClose", () => printer.close());

  app.get(
    "/api/consults/:id/opinion.pdf",
    { schema: { params: z.object({ id: uuid }) } },
    async (request, reply) => {
      const pdf = await read(services, request, requireActor(request), (work) =>
        printOpinion(services, printer, work, request.params.id),
      );
      return reply
        .type("application/pdf")
        .header("content-disposition", `inline; filename="opinion-${request.params.id}.pdf"`)
        .send(Buffer.from(pdf));
    },
  );

  app.get(
    "/api/check/:documentId",
    { schema: { params: z.object({ documentId: uuid }), response: { 200: checkAnswer } } },
    async (request) =>
      read(services, request, systemActor("check"), (work) =>
        checkOpinion(work, request.params.documentId),
      ),
  );
}
