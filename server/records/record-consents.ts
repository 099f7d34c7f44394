/** What a consult's consent to share records means in the store of the house that asks for advice. */
import { and, eq, inArray, isNull, notInArray } from "drizzle-orm";
import { consult, consultConsent } from "../consult/schema.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { addRule, endRule, rulesOf, type StoreContext } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { ofPerson } from "../patients/service.ts";
import type { Holder } from "./locator-service.ts";

const sourceOf = (consultId: string) => `consult:${consultId}`;
const isConsult = (source: string | null) => source?.startsWith("consult:") === true;
/** Nobody works on these any more, or ever did. */
const over = ["draft", "declined", "cancelled", "archived"] as const;

export type SharedBy = { readonly consultId: string; readonly institutionId: string };

/** Consults in which this patient agreed that the institution reads his records, and did not take it back. */
export async function findShared(
  tx: Tx,
  patientId: string,
  recipientId: string,
): Promise<SharedBy[]> {
  const rows = await tx
    .selectDistinct({ consultId: consult.id, institutionId: consult.invitingInstitutionId })
    .from(consult)
    .innerJoin(consultConsent, eq(consultConsent.consultId, consult.id))
    .where(
      and(
        ofPerson(consult.patientId, patientId),
        eq(consult.invitedInstitutionId, recipientId),
        notInArray(consult.state, [...over]),
        inArray(consultConsent.kind, ["record-sharing"]),
        eq(consultConsent.given, true),
        isNull(consultConsent.withdrawnAt),
      ),
    );
  return rows;
}

/**
 * Bring the rules of a hosted store to what the consults say at this moment, before it is asked. A store
 * that is paused or away is left as it is: it answers nobody.
 */
export async function applyShared(
  services: Services,
  holder: Holder,
  recipientId: string,
  shared: readonly SharedBy[],
): Promise<void> {
  if (holder.institutionId === recipientId || holder.store.kind !== "hosted") return;
  const inForce = shared
    .filter((one) => one.institutionId === holder.institutionId)
    .map((one) => sourceOf(one.consultId));
  try {
    const { store, tenant, code } = await services.records.find({ code: holder.code });
    const context: StoreContext = {
      tenant,
      at: services.clock(),
      base: `${services.publicUrl}/stores/${code}/fhir`,
      caller: {
        kind: "client",
        actor: "consult-consent",
        name: null,
        institution: tenant,
        purpose: "operations",
        reason: null,
        scopes: null,
        mayWrite: false,
        correlationId: "consult-consent",
        address: null,
      },
    };
    await store.transaction(context, async (tx) => {
      for (const patient of holder.localIds) {
        const standing = (await rulesOf(tx, context, patient)).filter(
          (rule) =>
            isConsult(rule.source) &&
            rule.recipient === recipientId &&
            (rule.endsAt === null || rule.endsAt > context.at),
        );
        for (const rule of standing)
          if (!inForce.includes(rule.source ?? "")) await endRule(tx, context, rule.id);
        for (const source of inForce)
          if (!standing.some((rule) => rule.source === source))
            await addRule(tx, context, {
              patient,
              recipient: recipientId,
              label: null,
              decision: "permit",
              startsAt: context.at,
              endsAt: null,
              source,
            });
      }
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}
