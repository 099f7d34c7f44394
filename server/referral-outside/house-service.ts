/** Which connection is which house's, the system by which it answers here, and how the line of a referral is. */
import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { roleAssignment } from "../identity/schema.ts";
import { systemActor } from "../identity/service.ts";
import { recordOutside, recordStore } from "../records/schema.ts";
import { carriedItems } from "../records/service.ts";
import { receivingStates } from "../referral/domain.ts";
import { referral } from "../referral/schema.ts";
import { smartClient } from "../smart/schema.ts";
import type { houseBody, houseList, lineView, systemBody } from "./contract.ts";
import { isStuck } from "./domain.ts";
import * as repository from "./repository.ts";
import { referralOutside } from "./schema.ts";

const system = systemActor("referral-outside");
/** No more than a referral needs. */
export const houseScopes = [
  "system/Task.crus",
  "system/ServiceRequest.crs",
  "system/Patient.crs",
] as const;

/** Houses that nobody works at and that keep no records here: only they are outside. */
const candidates = (services: Services) =>
  services.db.withActor(system, async (tx) => {
    const staffed = await tx
      .selectDistinct({ id: roleAssignment.institutionId })
      .from(roleAssignment);
    const kept = await tx.select({ id: recordStore.institutionId }).from(recordStore);
    const inside = new Set([...staffed, ...kept].map((one) => one.id));
    return (await findInstitutions(tx)).filter((one) => !inside.has(one.id));
  });

/** @throws DomainError `permission.denied` */
export async function listHouses(
  services: Services,
  { tx, actor }: Work<StaffActor>,
): Promise<z.input<typeof houseList>> {
  assertPermission(actor, "record.manage");
  const servers = await tx
    .select()
    .from(recordOutside)
    .where(
      and(eq(recordOutside.institutionId, actor.institutionId), isNull(recordOutside.removedAt)),
    )
    .orderBy(asc(recordOutside.createdAt));
  const institutions = await findInstitutions(tx);
  const { systems, waiting } = await services.db.withActor(system, async (inner) => ({
    systems: await inner
      .select()
      .from(smartClient)
      .where(and(eq(smartClient.kind, "system"), isNull(smartClient.disabledAt))),
    waiting: await inner
      .select({ outsideId: referralOutside.outsideId, count: sql<number>`count(*)::int` })
      .from(referralOutside)
      .where(
        and(
          eq(referralOutside.ourInstitutionId, actor.institutionId),
          or(
            sql`${referralOutside.fault} is not null`,
            sql`${referralOutside.contradiction} is not null`,
          ),
        ),
      )
      .groupBy(referralOutside.outsideId),
  }));
  return {
    houses: servers.map((one) => {
      const house = institutions.find(({ id }) => id === one.refersToInstitutionId);
      const own = systems.find(({ institutionId }) => institutionId === house?.id);
      return {
        connectionId: one.id,
        institutionId: house?.id ?? null,
        name: house?.name ?? null,
        nameEn: house?.nameEn ?? null,
        nameBo: house?.nameBo ?? null,
        phone: house?.phone ?? null,
        system: own && house ? { id: own.id, name: own.name } : null,
        waiting: waiting.find(({ outsideId }) => outsideId === one.id)?.count ?? 0,
      };
    }),
    candidates: (await candidates(services)).map(({ id, name, nameEn, nameBo }) => ({
      id,
      name,
      nameEn,
      nameBo,
    })),
  };
}

/**
 * Say whose server a connection is: referrals of the own house to that one go there from now on.
 * @throws DomainError `permission.denied`, `request.not-found`, `referral.house-inside`, `records.same-address`
 */
export async function nameHouse(
  services: Services,
  work: Work<StaffActor>,
  connectionId: string,
  { institutionId }: z.output<typeof houseBody>,
): Promise<z.input<typeof houseList>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "record.manage");
  if (institutionId && !(await candidates(services)).some(({ id }) => id === institutionId))
    throw new DomainError("referral.house-inside");
  const others = institutionId
    ? await repository.findServer(tx, actor.institutionId, institutionId)
    : null;
  if (others && others.id !== connectionId) throw new DomainError("records.same-address");
  const [row] = await tx
    .update(recordOutside)
    .set({ refersToInstitutionId: institutionId })
    .where(
      and(
        eq(recordOutside.id, connectionId),
        eq(recordOutside.institutionId, actor.institutionId),
        isNull(recordOutside.removedAt),
      ),
    )
    .returning();
  if (!row) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "record-outside.house",
    entityType: "record-outside",
    entityId: connectionId,
    detail: { house: institutionId ?? "" },
  });
  return listHouses(services, work);
}

/**
 * Register the house's own system: by it the house answers and refers here. It may nothing but referrals.
 * @throws DomainError `permission.denied`, `request.not-found`, `referral.house-inside`
 */
export async function registerHouseSystem(
  services: Services,
  work: Work<StaffActor>,
  connectionId: string,
  body: z.output<typeof systemBody>,
): Promise<z.input<typeof houseList>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "record.manage");
  const [row] = await tx
    .select()
    .from(recordOutside)
    .where(
      and(
        eq(recordOutside.id, connectionId),
        eq(recordOutside.institutionId, actor.institutionId),
        isNull(recordOutside.removedAt),
      ),
    );
  const houseId = row?.refersToInstitutionId;
  if (!houseId) throw new DomainError("request.not-found");
  if (!(await candidates(services)).some(({ id }) => id === houseId))
    throw new DomainError("referral.house-inside");
  if (body.jwks.keys.some((key) => "d" in key)) throw new DomainError("request.invalid");
  const id = await services.db.withActor(system, async (inner) => {
    const [made] = await inner
      .insert(smartClient)
      .values({
        institutionId: houseId,
        name: body.name,
        kind: "system",
        scopes: [...houseScopes],
        jwks: { keys: body.jwks.keys as never },
        registeredBy: actor.personId,
      })
      .returning({ id: smartClient.id });
    return made!.id;
  });
  await trace(tx, actor, origin, {
    action: "smart.register",
    entityType: "smart-client",
    entityId: id,
    detail: { kind: "system", scopes: houseScopes.join(" "), answers: houseId },
  });
  return listHouses(services, work);
}

/** How the line of one referral is, for whoever may see the referral. */
export async function readLine(
  { tx, actor }: Work<StaffActor>,
  referralId: string,
): Promise<z.input<typeof lineView>> {
  const line = await repository.findLine(tx, referralId);
  if (!line) return { line: null };
  const [row] = await tx.select().from(referral).where(eq(referral.id, referralId));
  // Whoever sent somebody back or on keeps the work, not the file.
  const hasPatient =
    row?.toInstitutionId === actor.institutionId && receivingStates.includes(row.state);
  const [house] = await findInstitutions(tx, [line.houseId]);
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    line: {
      house: house?.name ?? "",
      houseEn: house?.nameEn ?? null,
      houseBo: house?.nameBo ?? null,
      phone: house?.phone ?? null,
      side: line.side,
      hasAddress: line.outsideId !== null,
      requesterName: line.requesterName,
      theirNumber: line.theirNumber,
      theirState: line.theirState,
      sentAt: iso(line.sentAt),
      readAt: iso(line.readAt),
      triedAt: iso(line.triedAt),
      nextAt: iso(line.nextAt),
      fault: line.fault,
      failedCount: line.failedCount,
      failingSince: iso(line.failingSince),
      silent: isStuck(line),
      contradiction: line.contradiction,
      results: hasPatient ? carriedItems(line.results) : [],
    },
  };
}
