import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import { systemActor } from "../identity/service.ts";
import { createOpinionPrinter } from "../opinion-document/service.ts";
import * as contract from "./credit-contract.ts";
import {
  addPolicy,
  checkCertificate,
  listIssued,
  listMyCertificates,
  listPolicies,
  printCertificate,
  revokeCertificate,
} from "./credit-service.ts";

/** Credit certificates, their public check, and the house's numbers of teaching. */
export async function creditRoutes(app: App, services: Services): Promise<void> {
  const printer = createOpinionPrinter();
  app.addHook("onClose", () => printer.close());
  const byCode = contract.byCode;
  app.get(
    "/api/teaching/certificates",
    { schema: { response: { 200: contract.certificateList } } },
    async (request) => read(services, request, requireStaff(request), listMyCertificates),
  );
  app.get(
    "/api/teaching/issued-certificates",
    { schema: { querystring: contract.issuedQuery, response: { 200: contract.issuedList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listIssued(work, request.query.q)),
  );
  app.get(
    "/api/teaching/certificates/:code/pdf",
    { schema: { params: byCode } },
    async (request, reply) => {
      const pdf = await read(services, request, requireStaff(request), (work) =>
        printCertificate(services, printer, work, request.params.code),
      );
      return reply
        .type("application/pdf")
        .header("content-disposition", `inline; filename="${request.params.code}.pdf"`)
        .send(Buffer.from(pdf));
    },
  );
  app.post(
    "/api/teaching/certificates/:code/revoke",
    { schema: { params: byCode, body: contract.revokeBody, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await revokeCertificate(work, request.params.code, request.body.reason);
        return { ok: true } as const;
      }),
  );
  // Without an account: whoever holds the paper.
  app.get(
    "/api/check/teaching/:code",
    { schema: { params: contract.byAnyCode, response: { 200: contract.certificateCheck } } },
    async (request) =>
      read(services, request, systemActor("check"), (work) =>
        checkCertificate(services, work, request.params.code),
      ),
  );
  const policies = { 200: contract.policyList };
  app.get("/api/teaching/policies", { schema: { response: policies } }, async (request) =>
    read(services, request, requireStaff(request), listPolicies),
  );
  app.post(
    "/api/teaching/policies",
    { schema: { body: contract.policyBody, response: policies } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addPolicy(work, request.body)),
  );
}
