import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { bookingCode } from "../booking/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import type { joinAnswer, joinBody, mySurgePlaces, openSurges } from "./contract.ts";
import { waitMinutes } from "./domain.ts";
import * as repository from "./repository.ts";

type Patient = Work<PatientActor>;
/** Six letters meet by chance among tens of thousands in one evening; nine do not. */
const surgeCode = (): string => bookingCode(randomBytes(9), 9);

/** Where I and my family go tonight, how many are ahead, when it is our turn. */
export async function readMyPlaces({ tx, now }: Patient): Promise<z.input<typeof mySurgePlaces>> {
  const rows = await repository.findMyPlaces(tx);
  return {
    places: rows.map(({ perHour, ...one }) => ({
      ...one,
      movedAt: one.movedAt ? new Date(one.movedAt).toISOString() : null,
      expectedAt: perHour
        ? new Date(now.getTime() + waitMinutes(one.ahead, perHour) * 60_000).toISOString()
        : null,
    })),
  };
}

/** Sites that take people tonight, with how long it takes there. */
export async function listOpenSurges({ tx }: Patient): Promise<z.input<typeof openSurges>> {
  const rows = await repository.findOpenSurges(tx);
  return {
    sites: rows.map(({ nameZh, nameEn, nameBo, perHour, ...one }) => ({
      ...one,
      name: { zh: nameZh, en: nameEn, bo: nameBo },
      endsAt: new Date(one.endsAt).toISOString(),
      waitMinutes: perHour > 0 ? Math.ceil(waitMinutes(one.waiting, perHour)) : null,
    })),
  };
}

/**
 * At the entrance of a site: oneself and the family, who stay together. Again changes nothing.
 * @throws DomainError `surge.closed`, `permission.denied` for people of another phone, `sampling.group-unknown`,
 *   `sampling.group-closed` for a code that is not of this site and day
 */
export async function joinSurge(
  work: Patient,
  input: z.output<typeof joinBody>,
): Promise<z.input<typeof joinAnswer>> {
  const { tx, actor, origin, now } = work;
  const people = [...new Set(input.patientIds)];
  const rows = await repository.join(tx, {
    siteId: input.siteId,
    people,
    codes: people.map(() => surgeCode()),
    // Nobody types it: the family is together already.
    family: `F${surgeCode()}`,
    group: input.group?.replace(/\s/gu, "").toUpperCase() ?? null,
    day: localDay(now),
    now,
  });
  if (rows.some((one) => one.problem === "closed")) throw new DomainError("surge.closed");
  for (const problem of ["group-unknown", "group-closed"] as const)
    if (rows.some((one) => one.problem === problem)) throw new DomainError(`sampling.${problem}`);
  if (rows.some((one) => one.problem === "not-allowed")) throw new DomainError("permission.denied");
  for (const one of rows)
    if (!one.problem)
      await trace(tx, actor, origin, {
        action: "sampling.register",
        entityType: "test-registration",
        entityId: one.registrationId,
        patientId: one.patientId,
      });
  return {
    people: rows.map((one) => ({ ...one, problem: one.problem === null ? null : "already" })),
  };
}
