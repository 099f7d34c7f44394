/** Whether an address may be kept as a partner's; it is judged again each time it is connected to. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { DomainError } from "../errors/domain-error.ts";
import { assertOpenHost, mayBeAsked } from "./federation/address.ts";
import { PartnerError } from "./federation/fault.ts";

/**
 * A name that is not known now is let through: it leads nowhere, and the test says so.
 * @throws DomainError `records.address` with the reason `insecure` or `private-address`
 */
export async function assertMayBeAsked(
  addresses: readonly string[],
  privateNetwork: boolean,
): Promise<void> {
  for (const address of addresses) {
    const url = new URL(address);
    if (!privateNetwork && url.protocol === "http:") refuse("insecure");
    try {
      assertOpenHost(url.hostname, privateNetwork);
    } catch (error) {
      if (!(error instanceof PartnerError)) throw error;
      refuse("private-address");
    }
    if (isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0) continue;
    const found = await lookup(url.hostname, { all: true }).catch(() => []);
    if (found.length > 0 && !found.some((one) => mayBeAsked(one.address, privateNetwork)))
      refuse("private-address");
  }
}

function refuse(reason: "insecure" | "private-address"): never {
  throw new DomainError("records.address", { reason });
}
