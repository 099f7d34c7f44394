/** Outside FHIR servers of an institution: tried, saved, changed, paused, removed by whoever answers for its records. */
import { and, asc, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { assertMayBeAsked } from "./connection-address.ts";
import type * as contract from "./connection-contract.ts";
import { ensureKey, type KeyRow, keyAddress, ownKey, signAssertion } from "./connection-key.ts";
import { addressOf, type Found, type Tried } from "./connection-test.ts";
import type { SignIn } from "./federation/source.ts";
import { type OutsideRow, outsideSecretContext, outsideSource } from "./record-source.ts";
import { recordOutside } from "./schema.ts";

type Body = z.output<typeof contract.outsideBody>;
type WantedSignIn = z.output<typeof contract.connectionBody>["signIn"];
type View = z.input<typeof contract.outsideView>;

/**
 * What is to be tried before anything is saved.
 * @throws DomainError `permission.denied`, `request.invalid` for an address that is none
 */
export async function prepareTest(
  services: Services,
  work: Work<StaffActor>,
  body: z.output<typeof contract.connectionBody>,
): Promise<Tried> {
  assertPermission(work.actor, "record.manage");
  return {
    base: addressOf(body.base),
    privateNetwork: body.privateNetwork,
    signIn: await signInOf(services, work, body.signIn ?? null),
  };
}

/** Who tried what, and what came of it. */
export const traceTest = (
  { tx, actor, origin }: Work<StaffActor>,
  base: string,
  { fault }: Found,
): Promise<void> =>
  trace(tx, actor, origin, {
    action: "record-store.test",
    entityType: "record-store",
    entityId: actor.institutionId,
    detail: { host: new URL(base).host, result: fault ?? "good" },
  });

/**
 * What the institution connected, in the order of connecting, and its key.
 * @throws DomainError `permission.denied`
 */
export async function listOutside(
  services: Services,
  { tx, actor }: Work<StaffActor>,
): Promise<z.input<typeof contract.outsideList>> {
  assertPermission(actor, "record.manage");
  const rows = await tx
    .select()
    .from(recordOutside)
    .where(
      and(eq(recordOutside.institutionId, actor.institutionId), isNull(recordOutside.removedAt)),
    )
    .orderBy(asc(recordOutside.createdAt));
  const key = await ownKey(tx, actor.institutionId);
  return {
    servers: rows.map(viewOfRow),
    key: key ? keyView(services, await codeOf(tx, actor), key) : null,
  };
}

/** @throws DomainError `permission.denied` */
export async function makeKey(services: Services, work: Work<StaffActor>) {
  const key = await ensureKey(services, work);
  return { key: keyView(services, await codeOf(work.tx, work.actor), key) };
}

/** What is about to be saved, with the secret of the row that it changes where it brings none. */
export type Draft = {
  readonly body: Body;
  readonly tried: Tried;
  readonly before: OutsideRow | null;
};

/**
 * Look at what somebody wants to save, before the server is tried.
 * @param id the connection that is changed; null: a new one
 * @throws DomainError `permission.denied`, `request.invalid`, `request.not-found`, `records.address`,
 *   `records.secret-again`
 */
export async function draftOutside(
  services: Services,
  work: Work<StaffActor>,
  id: string | null,
  body: Body,
): Promise<Draft> {
  assertPermission(work.actor, "record.manage");
  const base = addressOf(body.base);
  const before = id === null ? null : await findOwn(work, id);
  const wanted = body.signIn ?? null;
  if (wanted) addressOf(wanted.tokenUrl);
  await assertMayBeAsked([base, ...(wanted ? [wanted.tokenUrl] : [])], body.privateNetwork);
  const signIn = await signInOf(services, work, withKeptSecret(services, wanted, base, before));
  return {
    body: { ...body, base },
    before,
    tried: { base, privateNetwork: body.privateNetwork, signIn },
  };
}

/**
 * A secret is kept on for the same addresses alone: whoever changes one says it again, so that nobody has
 * it, or a token that was got by it, sent to himself.
 */
function withKeptSecret(
  services: Services,
  wanted: Body["signIn"],
  base: string,
  before: OutsideRow | null,
): WantedSignIn {
  if (wanted?.kind !== "credentials") return wanted ?? null;
  const { clientSecret } = wanted;
  if (clientSecret !== undefined) return { ...wanted, clientSecret };
  if (!before?.secretCipher || before.tokenUrl !== wanted.tokenUrl || before.base !== base)
    throw new DomainError("records.secret-again");
  return {
    ...wanted,
    clientSecret: services.vault.open(outsideSecretContext, before.secretCipher),
  };
}

/**
 * Save what was tried; a server that does not answer now is saved too, and said to be so.
 * @throws DomainError `permission.denied`, `records.same-address`, `fhir.changed-meanwhile`
 */
export async function saveOutside(
  services: Services,
  work: Work<StaffActor>,
  { body, tried, before }: Draft,
  found: Found,
  version: number | null,
): Promise<{ server: View }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "record.manage");
  const others = await tx
    .select({ id: recordOutside.id })
    .from(recordOutside)
    .where(
      and(
        eq(recordOutside.institutionId, actor.institutionId),
        eq(recordOutside.base, tried.base),
        isNull(recordOutside.removedAt),
      ),
    )
    .for("update");
  if (others.some((one) => one.id !== before?.id)) throw new DomainError("records.same-address");
  const { signIn } = tried;
  const values = {
    name: body.name,
    base: tried.base,
    privateNetwork: body.privateNetwork,
    signIn: body.signIn?.kind ?? ("none" as const),
    tokenUrl: signIn?.tokenUrl ?? null,
    clientId: signIn?.clientId ?? null,
    scope: signIn?.scope ?? null,
    secretCipher:
      signIn && "clientSecret" in signIn
        ? services.vault.seal(outsideSecretContext, signIn.clientSecret)
        : null,
    cacheMinutes: body.cacheMinutes,
    ...foundValues(found, now, before?.base === tried.base ? before : null),
  };
  const [row] = before
    ? await tx
        .update(recordOutside)
        .set({ ...values, version: before.version + 1 })
        .where(
          and(
            eq(recordOutside.id, before.id),
            eq(recordOutside.version, version ?? before.version),
            isNull(recordOutside.removedAt),
          ),
        )
        .returning()
    : await tx
        .insert(recordOutside)
        .values({ ...values, institutionId: actor.institutionId, createdBy: actor.personId })
        .onConflictDoNothing()
        .returning();
  if (!row) throw new DomainError(before ? "fhir.changed-meanwhile" : "records.same-address");
  await trace(tx, actor, origin, {
    action: before ? "record-outside.change" : "record-outside.connect",
    entityType: "record-outside",
    entityId: row.id,
    detail: { host: new URL(row.base).host, signIn: row.signIn, result: found.fault ?? "good" },
  });
  return { server: viewOfRow(row) };
}

/**
 * Try a saved connection anew.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function prepareSaved(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<Tried> {
  assertPermission(work.actor, "record.manage");
  const row = await findOwn(work, id);
  return outsideSource(services, row, await ownKey(work.tx, row.institutionId));
}

/** @throws DomainError `permission.denied`, `request.not-found` */
export async function keepTest(
  work: Work<StaffActor>,
  id: string,
  found: Found,
): Promise<{ server: View }> {
  const { tx, actor, now } = work;
  assertPermission(actor, "record.manage");
  const before = await findOwn(work, id);
  const [row] = await tx
    .update(recordOutside)
    .set(foundValues(found, now, before))
    .where(and(eq(recordOutside.id, id), isNull(recordOutside.removedAt)))
    .returning();
  if (!row) throw new DomainError("request.not-found");
  await traceTest(work, row.base, found);
  return { server: viewOfRow(row) };
}

/**
 * Ask it no more for a while, with a reason, or again. Twice is once.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function pauseOutside(
  work: Work<StaffActor>,
  id: string,
  asked: z.output<typeof contract.outsidePause>,
): Promise<{ server: View }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "record.manage");
  const before = await findOwn(work, id);
  if (!asked.paused && before.pausedAt === null) return { server: viewOfRow(before) };
  const [row] = await tx
    .update(recordOutside)
    .set({
      pausedAt: asked.paused ? now : null,
      pausedBy: asked.paused ? actor.personId : null,
      pauseReason: asked.paused ? asked.reason : null,
      version: before.version + 1,
    })
    .where(and(eq(recordOutside.id, id), eq(recordOutside.version, before.version)))
    .returning();
  if (!row) throw new DomainError("fhir.changed-meanwhile");
  await trace(tx, actor, origin, {
    action: asked.paused ? "record-outside.pause" : "record-outside.resume",
    entityType: "record-outside",
    entityId: id,
    ...(asked.paused ? { detail: { reason: asked.reason } } : {}),
  });
  return { server: viewOfRow(row) };
}

/**
 * Take a connection away: its secret, what the locator learnt there and every copy go with it.
 * @throws DomainError `permission.denied`, `request.not-found`, `fhir.changed-meanwhile`
 */
export async function removeOutside(
  work: Work<StaffActor>,
  id: string,
  version: number,
): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "record.manage");
  const before = await findOwn(work, id);
  const [row] = await tx
    .update(recordOutside)
    .set({ removedAt: now, version: before.version + 1 })
    .where(and(eq(recordOutside.id, id), eq(recordOutside.version, version)))
    .returning();
  if (!row) throw new DomainError("fhir.changed-meanwhile");
  await trace(tx, actor, origin, {
    action: "record-outside.remove",
    entityType: "record-outside",
    entityId: id,
    detail: { host: new URL(before.base).host },
  });
}

async function findOwn({ tx, actor }: Work<StaffActor>, id: string): Promise<OutsideRow> {
  const [row] = await tx
    .select()
    .from(recordOutside)
    .where(
      and(
        eq(recordOutside.id, id),
        eq(recordOutside.institutionId, actor.institutionId),
        isNull(recordOutside.removedAt),
      ),
    );
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** A test that reached nothing leaves what an earlier one found. */
const foundValues = (found: Found, now: Date, before: OutsideRow | null) => ({
  testedAt: now,
  testFault: found.fault,
  software: found.software ?? before?.software ?? null,
  types: found.typeNames ? [...found.typeNames] : (before?.types ?? null),
  hasEverything: found.hasEverything ?? before?.hasEverything ?? null,
});

async function signInOf(
  services: Services,
  work: Work<StaffActor>,
  wanted: WantedSignIn,
): Promise<SignIn | null> {
  if (!wanted) return null;
  const { clientId, scope } = wanted;
  addressOf(wanted.tokenUrl);
  const { tokenUrl } = wanted;
  if (wanted.kind === "credentials")
    return { tokenUrl, clientId, scope: scope || null, clientSecret: wanted.clientSecret };
  const key = await ownKey(work.tx, work.actor.institutionId);
  if (!key) throw new DomainError("records.no-key");
  return {
    tokenUrl,
    clientId,
    scope: scope || null,
    assertion: () => signAssertion(services, key, { tokenUrl, clientId }),
  };
}

const keyView = (services: Services, code: string, key: KeyRow) => ({
  address: keyAddress(services, code),
  keyId: key.keyId,
  jwks: { keys: [key.publicKey] },
});

const codeOf = async (tx: Tx, { institutionId }: StaffActor): Promise<string> =>
  (await findInstitutions(tx)).find((one) => one.id === institutionId)?.slug ?? "";

const viewOfRow = (row: OutsideRow): View => ({
  id: row.id,
  name: row.name,
  base: row.base,
  privateNetwork: row.privateNetwork,
  signIn:
    row.signIn === "none"
      ? null
      : {
          kind: row.signIn,
          tokenUrl: row.tokenUrl ?? "",
          clientId: row.clientId ?? "",
          scope: row.scope ?? "",
        },
  cacheMinutes: row.cacheMinutes,
  software: row.software,
  types: row.types,
  hasEverything: row.hasEverything,
  testedAt: row.testedAt?.toISOString() ?? null,
  testFault: row.testFault as View["testFault"],
  answeredAt: row.answeredAt?.toISOString() ?? null,
  pausedAt: row.pausedAt?.toISOString() ?? null,
  pauseReason: row.pauseReason,
  version: row.version,
});
