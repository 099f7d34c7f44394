/** Where notifications may go, and one notification on its way. */
import { eq } from "drizzle-orm";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { recordPartner, recordStore } from "../../records/schema.ts";
import { assertOpenHost, exchange, PartnerError } from "../../records/service.ts";

const connectMs = 3000;
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Whether a receiver lies in a network that is not the open internet and may be told all the same: the demo's
 * own machine, or the server of a partner that was registered as lying in a private network.
 */
export async function isPrivateReceiver(services: Services, url: URL): Promise<boolean> {
  if (services.demo && loopback.test(url.hostname)) return true;
  const partners = await services.db.withActor(systemActor("fhir-subscriptions"), (tx) =>
    tx
      .select({ location: recordStore.location })
      .from(recordPartner)
      .innerJoin(recordStore, eq(recordStore.institutionId, recordPartner.institutionId))
      .where(eq(recordPartner.privateNetwork, true)),
  );
  return partners.some(
    ({ location }) => URL.canParse(location) && new URL(location).origin === url.origin,
  );
}

/**
 * What can be said about an address before anything is sent; a name is looked up when it is connected to.
 * @throws DomainError `fhir.request`
 */
export async function assertReceiver(services: Services, url: URL): Promise<void> {
  if (await isPrivateReceiver(services, url)) return;
  if (url.protocol !== "https:")
    throw new DomainError("fhir.request", { reason: "channel.endpoint is an https address" });
  try {
    assertOpenHost(url.hostname);
    if (/^localhost\.?$|\.localhost\.?$/i.test(url.hostname))
      throw new PartnerError("private-address");
  } catch {
    throw new DomainError("fhir.request", {
      reason: "channel.endpoint is an address of the open internet",
    });
  }
}

/**
 * One POST; nothing of the answer is read but its status.
 * @throws PartnerError
 */
export async function sendTo(
  services: Services,
  target: { endpoint: string; headers: readonly string[]; timeoutSeconds: number },
  body: string,
): Promise<void> {
  const url = new URL(target.endpoint);
  const answerMs = target.timeoutSeconds * 1000;
  await exchange({
    method: "POST",
    url,
    headers: {
      ...Object.fromEntries(
        target.headers.map((one) => [
          one.slice(0, one.indexOf(":")).toLowerCase(),
          one.slice(one.indexOf(":") + 1).trim(),
        ]),
      ),
      accept: "application/fhir+json",
      "content-type": "application/fhir+json; charset=utf-8",
    },
    body,
    via: null,
    privateNetwork: await isPrivateReceiver(services, url),
    limits: { connectMs, answerMs, bodyBytes: 0 },
    leftMs: answerMs,
    expects: "nothing",
  });
}
