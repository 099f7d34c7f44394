import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { hearEvent } from "./callback-service.ts";
import * as contract from "./contract.ts";
import {
  cancelInvoice,
  issueInvoice,
  listInvoices,
  listMyInvoices,
  listUnbilled,
  previewInvoice,
} from "./invoice-service.ts";
import { beginPayment, openOrder, payInCash } from "./payment-service.ts";
import { judgePrice, listPrices, proposePrice } from "./price-service.ts";
import type { PaymentProviders } from "./provider.ts";
import { clearDifference, readLedger } from "./reconcile-service.ts";
import { requestRefund, retryRefund } from "./refund-service.ts";

const byId = z.object({ id: uuid });
const invoice = { 200: contract.invoiceAnswer };
const done = { 200: empty };
const CALLBACK_BYTES = 20_000;

/** Prices, invoices, payments and refunds: the desk's, the cashier's and the patient's. */
export async function billingRoutes(
  app: App,
  { services, providers }: { services: Services; providers: PaymentProviders },
): Promise<void> {
  const names = [...providers.keys()];

  app.get("/api/billing/prices", { schema: { response: { 200: contract.priceList } } }, (request) =>
    read(services, request, requireStaff(request), listPrices),
  );
  app.post(
    "/api/billing/prices",
    { schema: { body: contract.priceBody, response: { 200: contract.priceList } } },
    (request) =>
      write(services, request, requireStaff(request), (work) => proposePrice(work, request.body)),
  );
  app.post(
    "/api/billing/prices/:id",
    {
      schema: { params: byId, body: contract.verdictBody, response: { 200: contract.priceList } },
    },
    (request) =>
      write(services, request, requireStaff(request), (work) =>
        judgePrice(work, request.params.id, request.body.verdict),
      ),
  );
  app.post(
    "/api/billing/preview",
    { schema: { body: contract.previewBody, response: { 200: contract.previewAnswer } } },
    (request) =>
      read(services, request, requireStaff(request), (work) => previewInvoice(work, request.body)),
  );
  app.get(
    "/api/billing/unbilled",
    { schema: { response: { 200: contract.unbilledList } } },
    (request) => read(services, request, requireStaff(request), listUnbilled),
  );
  app.get(
    "/api/billing/invoices",
    { schema: { response: { 200: contract.invoiceList } } },
    (request) =>
      read(services, request, requireStaff(request), (work) => listInvoices(work, names)),
  );
  app.post(
    "/api/billing/invoices",
    { schema: { body: contract.issueBody, response: invoice } },
    (request) =>
      write(services, request, requireStaff(request), (work) => issueInvoice(work, request.body)),
  );
  app.post(
    "/api/billing/invoices/:id/cancel",
    { schema: { params: byId, body: contract.cancelBody, response: invoice } },
    (request) =>
      write(services, request, requireStaff(request), (work) =>
        cancelInvoice(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/billing/invoices/:id/cash",
    { schema: { params: byId, response: invoice } },
    (request) =>
      write(services, request, requireStaff(request), (work) => payInCash(work, request.params.id)),
  );
  app.post(
    "/api/billing/invoices/:id/refunds",
    { schema: { params: byId, body: contract.refundRequest, response: invoice } },
    (request) =>
      write(services, request, requireStaff(request), (work) =>
        requestRefund(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/billing/refunds/:id/retry",
    { schema: { params: byId, response: done } },
    (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await retryRefund(work, request.params.id);
        return { ok: true as const };
      }),
  );
  app.get(
    "/api/billing/ledger",
    { schema: { response: { 200: contract.ledgerAnswer } } },
    (request) => read(services, request, requireStaff(request), readLedger),
  );
  app.post(
    "/api/billing/differences",
    { schema: { body: contract.clearBody, response: done } },
    (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await clearDifference(work, request.body);
        return { ok: true as const };
      }),
  );

  app.get(
    "/api/my/invoices/:id",
    { schema: { params: byId, response: { 200: contract.invoiceList } } },
    (request) =>
      read(services, request, requirePatient(request), (work) =>
        listMyInvoices(work, request.params.id, names),
      ),
  );
  app.post(
    "/api/my/invoices/:id/pay",
    { schema: { params: byId, body: contract.payBody, response: { 200: contract.payAnswer } } },
    async (request) => {
      const provider = providers.get(request.body.provider);
      if (!provider) throw new DomainError("billing.no-provider");
      const actor = requirePatient(request);
      // Asked again it is the same attempt, so no key is needed; the provider is asked outside of the transaction.
      const row = await services.db.withActor(actor, (tx) =>
        beginPayment(
          { tx, actor, origin: request.traceOrigin, now: services.clock() },
          request.params.id,
          provider.name,
        ),
      );
      return openOrder(services, provider, row);
    },
  );
}

/** What providers tell. The body stays text until its signature was checked; what is answered with an error is told again. */
export async function paymentCallbackRoutes(
  app: App,
  { services, providers }: { services: Services; providers: PaymentProviders },
): Promise<void> {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit: CALLBACK_BYTES },
    (_request, body, parsed) => parsed(null, body),
  );
  app.post(
    "/api/payments/callbacks/:provider",
    {
      config: { anyOrigin: true, rateLimit: false },
      schema: { hide: true, params: z.object({ provider: z.string().max(40) }), response: done },
    },
    async (request) => {
      const provider = providers.get(request.params.provider);
      if (!provider) throw new DomainError("request.not-found");
      const event = provider.readEvent(request.headers, String(request.body ?? ""));
      await hearEvent(services, provider.name, event);
      return { ok: true as const };
    },
  );
}
