import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";

/** Who signs: the origin of PUBLIC_URL. Over plain http it is a demo's name, which only its own verifier takes. */
export function issuerOf(services: Pick<Services, "publicUrl">): string {
  return new URL(services.publicUrl).origin;
}

/**
 * A card names its issuer by an https address; others would refuse it anyhow.
 * @throws DomainError `card.issuer` outside a demo when PUBLIC_URL is not https
 */
export function assertMaySign(services: Pick<Services, "publicUrl" | "demo">): void {
  if (!services.demo && !issuerOf(services).startsWith("https://"))
    throw new DomainError("card.issuer");
}
