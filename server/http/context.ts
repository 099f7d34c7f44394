import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Origin } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Database, Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { RecordStores } from "../fhir/service.ts";
import { once } from "../idempotency/service.ts";
import type {
  Actor,
  GuestActor,
  PatientActor,
  Permission,
  StaffActor,
} from "../identity/domain.ts";

/** What every capability is given by the composition root. */
export type Services = {
  db: Database;
  vault: Vault;
  /** Clinical records of the institutions that keep them here. */
  records: RecordStores;
  /** The one clock of business rules. */
  clock: () => Date;
  demo: boolean;
  publicUrl: string;
};

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** One request's work: the transaction, who acts, from where, and the time that counts for it. */
export type Work<A extends Actor = Actor> = { tx: Tx; actor: A; origin: Origin; now: Date };

declare module "fastify" {
  interface FastifyRequest {
    actor: Actor | null;
    traceOrigin: Origin;
  }
}

/** @throws DomainError `auth.required` */
export function requireActor(request: FastifyRequest): Actor {
  if (!request.actor) throw new DomainError("auth.required");
  return request.actor;
}

/** @throws DomainError `auth.required` when nobody of the staff is signed in */
export function requireStaff(request: FastifyRequest): StaffActor {
  const actor = requireActor(request);
  if (actor.kind !== "staff") throw new DomainError("permission.denied");
  return actor;
}

/** @throws DomainError `auth.required`, `permission.denied` */
export function requirePatient(request: FastifyRequest): PatientActor {
  const actor = requireActor(request);
  if (actor.kind !== "patient") throw new DomainError("permission.denied");
  return actor;
}

/** The first line of a service: may this actor do this kind of thing at all? @throws DomainError `permission.denied` */
export function assertPermission(
  actor: Actor,
  permission: Permission,
): asserts actor is StaffActor {
  if (actor.kind !== "staff" || !actor.permissions.has(permission))
    throw new DomainError("permission.denied", { permission });
}

/** Read in one transaction as the actor of the request. */
export function read<A extends Actor, Answer>(
  services: Services,
  request: FastifyRequest,
  actor: A,
  work: (work: Work<A>) => Promise<Answer>,
): Promise<Answer> {
  return services.db.withActor(actor, (tx) =>
    work({ tx, actor, origin: request.traceOrigin, now: services.clock() }),
  );
}

/**
 * Write in one transaction as the actor of the request; with an `Idempotency-Key` header a repeated
 * write gets the first answer.
 */
export async function write<A extends Actor, Answer>(
  services: Services,
  request: FastifyRequest,
  actor: A,
  work: (work: Work<A>) => Promise<Answer>,
): Promise<Answer> {
  const key = request.headers["idempotency-key"];
  return services.db.withActor(actor, async (tx) => {
    const now = services.clock();
    const run = () => work({ tx, actor, origin: request.traceOrigin, now });
    if (typeof key !== "string" || key.length < 8 || key.length > 100) return run();
    const asked = [request.method, request.url, request.body ?? null];
    const answer = await once(
      tx,
      actor,
      { vault: services.vault, key, request: asked, now },
      async () => ({
        status: 200,
        body: await run(),
      }),
    );
    return answer.body;
  });
}

export type { GuestActor };
