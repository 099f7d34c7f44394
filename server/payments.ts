/** By whom people may pay at this installation. */
import { createHmac } from "node:crypto";
import {
  createHttpProvider,
  type PaymentProvider,
  type PaymentProviders,
} from "./billing/service.ts";
import type { Services } from "./http/context.ts";
import { createSandbox, type Sandbox } from "./payment-sandbox/service.ts";

/**
 * @param options.localUrl where this server finds itself; the demo's sandbox lives there
 * @param options.provider a provider behind HTTP, by setting
 */
export function createPayments(
  services: Pick<Services, "db" | "clock" | "demo" | "publicUrl">,
  options: {
    localUrl: string;
    cookieSecret: string;
    provider?: { name: string; url: string; secret: string } | undefined;
  },
): { providers: PaymentProviders; sandbox?: Sandbox } {
  const { clock, publicUrl, demo } = services;
  const { localUrl, provider, cookieSecret } = options;
  const providers = new Map<string, PaymentProvider>();
  if (provider)
    providers.set(provider.name, createHttpProvider({ ...provider, notifyBase: publicUrl, clock }));
  if (!demo) return { providers };
  // Both sides of it are ours, so its secret need not be kept anywhere.
  const secret = createHmac("sha256", cookieSecret).update("payment-sandbox").digest("base64url");
  const path = "/sandbox-pay";
  providers.set(
    "sandbox",
    createHttpProvider({
      name: "sandbox",
      url: `${localUrl}${path}`,
      secret,
      notifyBase: localUrl,
      clock,
    }),
  );
  return { providers, sandbox: createSandbox(services, { url: `${publicUrl}${path}`, secret }) };
}
