/** A person says who sees his records, and reads what he said. */
import { desc, eq } from "drizzle-orm";
import type { z } from "zod";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { ofPerson } from "../patients/service.ts";
import type { choiceBody, choiceView } from "./own-contract.ts";
import { categoryNames, earlierChoices, type StandingChoice } from "./own-domain.ts";
import { ownPerson, traceOwn } from "./own-person.ts";
import { holdersOf, isKeeper, lockChoices, rulesAt, standingChoices } from "./own-rules.ts";
import { holderNames } from "./record-source.ts";
import { recordChoice, recordChoiceStore } from "./schema.ts";

/** Those that treat people; an office of disease control reads under its own law. */
const treats = (one: InstitutionRow) => one.kind !== "disease-control";
const historyMax = 100;

/**
 * Keeps what a person says. Said twice it is one word; stores follow after the commit (`applyChoices`).
 * @throws DomainError `request.not-found`, `permission.denied` (see {@link ownPerson})
 */
export async function choose(
  work: Work<PatientActor>,
  patientId: string,
  said: z.infer<typeof choiceBody>,
): Promise<void> {
  const { tx, now } = work;
  const { relation } = await ownPerson(work, patientId, "mayDecide");
  const found =
    said.about === "institution"
      ? (await findInstitutions(tx)).find((one) => one.slug === said.code && treats(one))
      : null;
  if (found === undefined) throw new DomainError("request.not-found");
  await lockChoices(tx, patientId);
  const { choices } = await standingChoices(tx, patientId);
  const before = choices.find((one) =>
    said.about === "institution" ? one.institutionId === found?.id : one.category === said.code,
  );
  if (before?.choice === said.choice) return;
  await tx.insert(recordChoice).values({
    patientId,
    institutionId: found?.id ?? null,
    category: said.about === "category" ? said.code : null,
    choice: said.choice,
    relation,
    chosenAt: now,
  });
  await traceOwn(work, patientId, "record.choose");
}

/**
 * What stands, what was said before, and where it is not in force yet.
 * @throws DomainError `request.not-found`, `permission.denied`
 */
export async function readChoices(
  services: Services,
  work: Work<PatientActor>,
  patientId: string,
): Promise<z.input<typeof choiceView>> {
  const { tx, now } = work;
  const { rights } = await ownPerson(work, patientId);
  const institutions = await findInstitutions(tx);
  const { choices, newest } = await standingChoices(tx, patientId);
  const followed = await tx
    .select()
    .from(recordChoiceStore)
    .where(eq(recordChoiceStore.patientId, patientId));
  const history = await tx
    .select()
    .from(recordChoice)
    .where(ofPerson(recordChoice.patientId, patientId))
    .orderBy(desc(recordChoice.number))
    .limit(historyMax);
  const holders = await holdersOf(services, patientId);
  const keepers = await Promise.all(
    holders.filter(isKeeper).map(async (holder) => ({
      holder,
      rules: await rulesAt(services, holder),
    })),
  );
  const earlier = keepers.flatMap(({ rules }) => earlierChoices(rules ?? [], now));
  const standing = (subject: (one: StandingChoice) => boolean) => {
    const own = choices.find(subject);
    return { choice: (own ?? earlier.find(subject))?.choice ?? null, isOwn: own !== undefined };
  };
  const byId = (id: string | null) => institutions.find((one) => one.id === id);
  return {
    patientId,
    mayDecide: rights.mayDecide,
    institutions: institutions.filter(treats).map((one) => {
      const { choice, isOwn } = standing((each) => each.institutionId === one.id);
      return {
        ...namesOf(one),
        choice: choice === "all" || choice === "limited" || choice === "none" ? choice : null,
        isOwn,
      };
    }),
    categories: categoryNames.map((code) => {
      const { choice, isOwn } = standing((each) => each.category === code);
      return { code, choice: choice === "hidden" ? "hidden" : "shown", isOwn };
    }),
    // Only those that have him: who connected what is no business of everybody's phone.
    askedOnly: holders
      .filter((one) => !isKeeper(one) && one.localIds.length > 0)
      .map((one) => holderNames(one, byId(one.institutionId))),
    keepers: keepers.map(({ holder, rules }) => ({
      ...namesOf(byId(holder.institutionId)!),
      answers: rules !== null,
      follows:
        newest === 0 ||
        (followed.find((row) => row.institutionId === holder.institutionId)?.appliedNumber ?? 0) >=
          newest,
    })),
    history: history.map((row) => {
      const about = byId(row.institutionId);
      return {
        at: row.chosenAt.toISOString(),
        institution: about ? namesOf(about) : null,
        category: row.category,
        choice: row.choice,
        relation: row.relation,
      };
    }),
  };
}

export const namesOf = (one: InstitutionRow) => ({
  code: one.slug,
  name: one.name,
  nameBo: one.nameBo,
  nameEn: one.nameEn,
});
