import { eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { consultGuest } from "../consult/schema.ts";
import type { Tx } from "../db/client.ts";
import { practitioner } from "../directory/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Services } from "../http/context.ts";
import { patient } from "../patients/schema.ts";
import { findFactors } from "./account-repository.ts";
import type { sessionView } from "./contract.ts";
import { type Actor, proofsOf } from "./domain.ts";
import * as repository from "./repository.ts";

/** The session as its pages see it. */
export async function viewSession(
  services: Services,
  tx: Tx,
  actor: Actor | null,
  session: repository.SessionRow | null,
): Promise<z.input<typeof sessionView>> {
  if (!actor || !session) return { kind: "none", demo: services.demo };
  const common = {
    csrfToken: session.csrfToken,
    expiresAt: session.expiresAt.toISOString(),
    demo: services.demo,
  };
  if (actor.kind === "staff") {
    const found = await repository.findPerson(tx, actor.personId);
    const [doctor] = await tx
      .select()
      .from(practitioner)
      .where(eq(practitioner.personId, actor.personId));
    const posts = await repository.findPosts(tx, actor.personId, actor.language, services.clock());
    const institution = posts.find((post) => post.id === actor.institutionId)!;
    return {
      ...common,
      kind: "staff",
      person: {
        id: actor.personId,
        name: actor.name,
        nameBo: found?.nameBo ?? null,
        title: doctor?.title ?? null,
      },
      institution: { id: institution.id, slug: institution.slug, name: institution.name },
      institutions: posts,
      permissions: [...actor.permissions],
      locked: session.lockedAt !== null,
      mustEnrol: !(await repository.hasSecondFactor(tx, actor.personId, services.demo)),
      proofs: proofsOf(await findFactors(tx, actor.personId)),
    };
  }
  if (actor.kind === "patient") {
    const relations = await repository.findPatientsOfPhone(tx, actor.phoneIndex);
    const isSelf = (id: string) =>
      relations.some((one) => one.patientId === id && one.relation === "self");
    const people =
      actor.patientIds.length === 0
        ? []
        : await tx
            .select()
            .from(patient)
            .where(
              inArray(
                patient.id,
                relations.filter((one) => one.isPerson).map((one) => one.patientId),
              ),
            );
    const [first] = people.toSorted(
      // One's own hospital before a relative's.
      (a, b) => Number(isSelf(b.id)) - Number(isSelf(a.id)) || a.id.localeCompare(b.id),
    );
    const [place] = first ? await findInstitutions(tx, [first.managingInstitutionId]) : [];
    const names = { "zh-CN": place?.name, bo: place?.nameBo, en: place?.nameEn };
    return {
      ...common,
      kind: "patient",
      help: place?.helpPhone
        ? { name: names[actor.language] ?? place.name, phone: place.helpPhone }
        : null,
      patients: people.map((row) => ({
        id: row.id,
        name: row.fullName ?? row.fullNameBo ?? "",
        nameBo: row.fullNameBo,
        relation: relations.find((relation) => relation.patientId === row.id)?.relation ?? "self",
      })),
    };
  }
  if (actor.kind === "guest") {
    const [guest] = await tx.select().from(consultGuest).where(eq(consultGuest.id, actor.guestId));
    return {
      ...common,
      kind: "guest",
      name: actor.name,
      relation: guest?.relation ?? "",
      consultId: actor.consultId,
    };
  }
  return { kind: "none", demo: services.demo };
}
