/** A person lets an app see records, or does not (SMART App Launch 2, standalone launch). */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Caller } from "../fhir/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { sessionHours, systemActor } from "../identity/service.ts";
import {
  type AuthorizationRequest,
  answerAddress,
  codeSeconds,
  isFault,
  needsPatient,
  offlineDays,
  parseRequest,
} from "./authorize-domain.ts";
import { uuidForm } from "./client-auth.ts";
import type { allowBody, authorizationView } from "./contract.ts";
import { groupsOf, readingOnly, textOf } from "./domain.ts";
import * as grants from "./grant-repository.ts";
import type { AppPerson, RecordPeople } from "./people-port.ts";
import * as repository from "./repository.ts";

type Person = StaffActor | PatientActor;
type Ports = { services: Services; people: RecordPeople };
type Values = Readonly<Record<string, string | undefined>>;

/**
 * The app that an address names together with where it may be answered.
 * @throws DomainError `smart.client`: nothing is ever sent to an address that is not registered
 */
export async function clientOfAddress(
  services: Services,
  { client_id = "", redirect_uri = "" }: Values,
): Promise<repository.SmartClientRow> {
  const client = uuidForm.test(client_id)
    ? await services.db.withActor(systemActor("smart-authorize"), (tx) =>
        repository.findClient(tx, client_id),
      )
    : null;
  if (!client || client.disabledAt || client.kind === "system")
    throw new DomainError("smart.client");
  if (!client.redirectUris.includes(redirect_uri)) throw new DomainError("smart.client");
  return client;
}

async function requestOf(services: Services, values: Values) {
  const client = await clientOfAddress(services, values);
  const request = parseRequest(values, services.publicUrl, client.scopes);
  if (isFault(request)) throw new DomainError("smart.request", { reason: request.description });
  return { client, request };
}

/**
 * What the app is given of what it asks, by who allows it: a patient's app reads, and who may not write
 * records lets no app write.
 */
function scopesFor(actor: Person, request: AuthorizationRequest) {
  const writes = actor.kind === "staff" && actor.permissions.has("record.write");
  const scopes = writes ? request.scopes : readingOnly(request.scopes);
  if (scopes.length === 0) throw new DomainError("permission.denied");
  return scopes;
}

/**
 * A member of staff lets in only what his own institution registered: its records do not leave by an app
 * that nobody there answers for.
 */
function assertMayAllow(actor: Person, client: repository.SmartClientRow): void {
  if (actor.kind === "patient") return;
  assertPermission(actor, "record.read");
  if (client.institutionId !== actor.institutionId) throw new DomainError("smart.foreign-app");
}

/**
 * What the page of consent shows.
 * @throws DomainError `smart.client`, `smart.request`, `permission.denied`, `smart.foreign-app`, `fhir.no-store`
 */
export async function viewAuthorization(
  { services, people }: Ports,
  work: Work<Person>,
  values: Values,
): Promise<z.input<typeof authorizationView>> {
  const { actor } = work;
  const { client, request } = await requestOf(services, values);
  assertMayAllow(actor, client);
  const scopes = scopesFor(actor, request);
  const institutions = await findInstitutions(work.tx);
  const registrar = institutions.find(({ id }) => id === client.institutionId)!;
  const keeper = await keeperOf(services, actor, request);
  const readable = actor.kind === "patient" ? await people.readable({ ...work, actor }) : [];
  const shown = await Promise.all(
    readable.map(async (one) => ({
      id: one.id,
      name: one.name,
      nameBo: one.nameBo,
      isKept: (await people.keepers(one.id)).some(
        ({ institutionId }) => keeper === null || institutionId === keeper,
      ),
    })),
  );
  const records = institutions.find(({ id }) => id === keeper);
  const to = new URL(request.redirectUri);
  return {
    app: {
      name: client.name,
      institution: namesOf(registrar),
      answersTo: /^https?:$/.test(to.protocol) ? to.host : to.protocol.replace(/:$/, ""),
    },
    records: records ? { ...namesOf(records), code: records.slug } : null,
    who: actor.kind,
    name: actor.kind === "staff" ? actor.name : null,
    groups: groupsOf(scopes),
    needsPatient: needsPatient(request),
    people: shown,
    searchAt:
      actor.kind === "staff" && needsPatient(request)
        ? request.audience.slice(services.publicUrl.length)
        : null,
    until: untilOf(actor, request, work.now).toISOString(),
    offline: isOffline(request),
  };
}

const namesOf = (one: InstitutionRow) => ({
  name: one.name,
  nameBo: one.nameBo ?? null,
  nameEn: one.nameEn ?? null,
});
const isOffline = ({ launch }: AuthorizationRequest) => launch.includes("offline_access");
function untilOf(actor: Person, request: AuthorizationRequest, now: Date): Date {
  const hours = isOffline(request) ? offlineDays * 24 : sessionHours[actor.kind];
  return new Date(now.getTime() + hours * 3_600_000);
}

/** Institution whose store is meant; null: a patient's own `/fhir`, which depends on whom it is for. */
async function keeperOf(
  services: Services,
  actor: Person,
  { storeCode }: AuthorizationRequest,
): Promise<string | null> {
  if (storeCode !== null) return (await services.records.find({ code: storeCode })).tenant;
  return actor.kind === "staff" ? actor.institutionId : null;
}

/**
 * The person allows it: a code goes to the app by way of the person's browser.
 * @returns address of the app, with the code
 * @throws DomainError those of {@link viewAuthorization}, `smart.patient` when nobody fitting was chosen
 */
export async function allow(
  ports: Ports,
  work: Work<Person>,
  { request: values, patient }: z.infer<typeof allowBody>,
): Promise<{ redirectTo: string }> {
  const { services } = ports;
  const { tx, actor, origin, now } = work;
  const { client, request } = await requestOf(services, values);
  assertMayAllow(actor, client);
  const scopes = scopesFor(actor, request);
  const chosen = needsPatient(request) ? (patient ?? "") : null;
  const place =
    actor.kind === "staff"
      ? await staffPlace(services, work as Work<StaffActor>, client, request, chosen)
      : await phonePlace(ports, work as Work<PatientActor>, request, chosen);
  const offline = isOffline(request);
  const grant = await grants.insertGrant(tx, {
    clientId: client.id,
    sessionId: actor.sessionId,
    personId: actor.kind === "staff" ? actor.personId : null,
    institutionId: actor.kind === "staff" ? actor.institutionId : null,
    phoneIndex: actor.kind === "patient" ? actor.phoneIndex : null,
    ...place,
    audience: request.audience,
    scopes: [...scopes.map(textOf), ...request.launch],
    offline,
    refreshes: offline || request.launch.includes("online_access"),
    grantedAt: now,
    expiresAt: untilOf(actor, request, now),
  });
  const code = services.vault.newSecret();
  await grants.insertCode(tx, {
    codeHash: code.hash,
    grantId: grant.id,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    expiresAt: new Date(now.getTime() + codeSeconds * 1000),
  });
  await trace(tx, actor, origin, {
    action: "smart.allow",
    entityType: "smart-grant",
    entityId: grant.id,
    patientId: grant.patientId,
    detail: { client: client.id, scope: grant.scopes.join(" "), tenant: grant.tenant },
  });
  const answer = { code: code.secret, state: request.state };
  return { redirectTo: answerAddress(request.redirectUri, answer) };
}

type Place = { tenant: string; subjects: string[]; patientId: string | null };

/** The store of a member of staff, and the patient whom he sees there. */
async function staffPlace(
  services: Services,
  { actor, origin }: Work<StaffActor>,
  client: repository.SmartClientRow,
  request: AuthorizationRequest,
  chosen: string | null,
): Promise<Place> {
  const found = await services.records.find(
    request.storeCode === null
      ? { institutionId: actor.institutionId }
      : { code: request.storeCode },
  );
  if (chosen !== null) {
    const caller: Caller = {
      kind: "person",
      actor: actor.personId,
      name: actor.name,
      institution: actor.institutionId,
      purpose: "treatment",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: origin.correlationId,
      address: origin.address,
      client: client.id,
      clientName: client.name,
    };
    const context = {
      caller,
      tenant: found.tenant,
      at: services.clock(),
      base: request.audience,
    };
    const isId = /^[A-Za-z0-9\-.]{1,64}$/.test(chosen);
    const read = isId ? await found.store.read(context, "Patient", chosen) : null;
    if (read?.status !== "ok") throw new DomainError("smart.patient");
  }
  return { tenant: found.tenant, subjects: chosen === null ? [] : [chosen], patientId: null };
}

/** The store that keeps something of whom the phone chose, and by which ids. */
async function phonePlace(
  { services, people }: Ports,
  work: Work<PatientActor>,
  request: AuthorizationRequest,
  chosen: string | null,
): Promise<Place> {
  const readable = await people.readable(work);
  const person: AppPerson | undefined =
    chosen === null ? readable[0] : readable.find(({ id }) => id === chosen);
  if (!person) throw new DomainError("smart.patient");
  const keepers = await people.keepers(person.id);
  const keeper =
    request.storeCode !== null
      ? keepers.find(({ code }) => code === request.storeCode)
      : (keepers.find(({ institutionId }) => institutionId === person.homeId) ?? keepers[0]);
  if (!keeper) throw new DomainError("smart.patient");
  const found = await services.records.find({ code: keeper.code });
  return chosen === null
    ? { tenant: found.tenant, subjects: [], patientId: null }
    : { tenant: found.tenant, subjects: [...keeper.localIds], patientId: person.id };
}

/** The person does not want it: the app is told so and nothing more. */
export async function decline(
  { services }: Ports,
  { tx, actor, origin }: Work<Person>,
  values: Values,
): Promise<{ redirectTo: string }> {
  const { client, request } = await requestOf(services, values);
  await trace(tx, actor, origin, {
    action: "smart.decline",
    entityType: "smart-client",
    entityId: client.id,
  });
  return {
    redirectTo: answerAddress(request.redirectUri, {
      error: "access_denied",
      state: request.state,
    }),
  };
}
