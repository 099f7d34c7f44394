/** A person's own record from every institution that holds something, in words for him. */
import type { Resource } from "@medplum/fhirtypes";
import type { z } from "zod";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { ageOn, findPatients, localDay } from "../patients/service.ts";
import { askHolder } from "./ask-holder.ts";
import { issueCallerToken } from "./federation/caller-token.ts";
import type { Federation, Outcome } from "./federation/federation.ts";
import type { KnownIdentifier } from "./locator.ts";
import { findHolders, type Holder } from "./locator-service.ts";
import type { OwnEvent, OwnRecord, ownPeople } from "./own-contract.ts";
import { bestRights } from "./own-domain.ts";
import { ownItemOf } from "./own-items.ts";
import { identifiersOf, ownPerson, traceOwn } from "./own-person.ts";
import { itemsOf } from "./record-items.ts";
import { createMerge } from "./record-merge.ts";
import { findWays, holderNames, sourceOf } from "./record-source.ts";

const system = systemActor("own-record");

export type OpenedOwn = {
  readonly patientId: string;
  readonly birthDate: string | null;
  readonly identifiers: readonly KnownIdentifier[];
  readonly institutions: readonly InstitutionRow[];
  readonly origin: Work["origin"];
  readonly at: Date;
};
/** What one institution answered. */
export type OwnAnswer = {
  readonly holder: Holder;
  readonly outcome: Outcome;
  readonly resources: readonly Resource[];
};

/** Told while it is asked. */
export type OwnListener = {
  readonly begun?: (holders: readonly Holder[]) => void;
  readonly came?: (holder: Holder, resources: readonly Resource[]) => void;
  readonly answered?: (answer: OwnAnswer) => void;
};

/** Whose records this phone may open; who was a child and is of age is listed and said to be closed. */
export async function listPeople(
  work: Pick<Work<PatientActor>, "tx" | "actor" | "now">,
): Promise<z.input<typeof ownPeople>> {
  const { tx, actor, now } = work;
  const records = await findPatients(tx, actor.patientIds);
  return {
    people: records
      .map(({ row, contacts }) => {
        const relations = contacts
          .filter((one) => one.maySignIn && one.phoneIndex.equals(actor.phoneIndex))
          .map((one) => one.relation);
        const age = row.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null;
        return {
          id: row.id,
          name: row.fullName ?? row.fullNameBo ?? "",
          nameBo: row.fullNameBo,
          relation: relations[0] ?? "relative",
          ...bestRights(relations, age),
        };
      })
      .sort((a, b) => Number(b.relation === "self") - Number(a.relation === "self")),
  };
}

/**
 * Who asks for himself or his child; leaves the trace of opening.
 * @throws DomainError `request.not-found`, `permission.denied`
 */
export async function openOwnRecord(
  services: Services,
  work: Work<PatientActor>,
  patientId: string,
  action: "record.own" | "record.summary",
): Promise<OpenedOwn> {
  const { record } = await ownPerson(work, patientId);
  await traceOwn(work, patientId, action);
  return {
    patientId,
    birthDate: record.row.birthDate,
    identifiers: identifiersOf(services, record),
    institutions: await findInstitutions(work.tx),
    origin: work.origin,
    at: work.now,
  };
}

/**
 * Ask every institution at once; never throws for what one does, and is over when the slowest may take.
 * The person sees what any of them wrote: what he withholds from others is his.
 */
export async function askOwnRecord(
  services: Services,
  federation: Federation,
  opened: OpenedOwn,
  hostedVia: URL | null,
  told: OwnListener = {},
): Promise<readonly OwnAnswer[]> {
  const { holders, ways } = await services.db.withActor(system, async (tx) => ({
    holders: await findHolders(services, tx, opened.identifiers),
    ways: await findWays(tx),
  }));
  told.begun?.(holders);
  return Promise.all(
    holders.map(async (holder): Promise<OwnAnswer> => {
      const resources: Resource[] = [];
      const outcome = await askHolder(services, federation, holder, {
        source: sourceOf(services, holder, ways, hostedVia),
        localIds: holder.localIds,
        identifiers: opened.identifiers,
        callerToken:
          holder.store.kind === "hosted"
            ? issueCallerToken(services, {
                store: holder.code,
                person: opened.patientId,
                name: "",
                institution: holder.institutionId,
                purpose: "patient-request",
                reason: null,
                correlation: opened.origin.correlationId,
                address: opened.origin.address,
              })
            : null,
        address: opened.origin.address,
        isWanted: false,
        onPage: (page) => {
          const ready = page.filter(isReady);
          resources.push(...ready);
          told.came?.(holder, ready);
        },
      });
      const answer = { holder, outcome, resources };
      told.answered?.(answer);
      return answer;
    }),
  );
}

/** What is not finished is told by the doctor, not by a page. */
const isReady = (resource: Resource): boolean =>
  !(
    (resource.resourceType === "Observation" || resource.resourceType === "DiagnosticReport") &&
    ["registered", "preliminary", "partial"].includes(resource.status ?? "")
  );

/** Answers as the page shows them: the same thing once, with all who say it, the newest first. */
export function ownRecordOf(opened: OpenedOwn, answers: readonly OwnAnswer[]): OwnRecord {
  const merge = createMerge();
  const items = new Map<string, ReturnType<typeof itemsOf>[number]>();
  for (const { holder, resources } of answers)
    for (const item of merge.add(itemsFrom(opened, holder, resources))) items.set(item.key, item);
  return {
    patientId: opened.patientId,
    at: opened.at.toISOString(),
    sources: answers.map(({ holder, outcome }) => ({
      ...sourceView(opened, holder),
      state: stateOf(outcome),
    })),
    items: [...items.values()]
      .map(ownItemOf)
      .sort((a, b) => (b.date ?? "").localeCompare(a.date ?? "")),
  };
}

function itemsFrom(opened: OpenedOwn, holder: Holder, resources: readonly Resource[]) {
  const institution = opened.institutions.find((one) => one.id === holder.institutionId);
  const context = {
    source: holder.code,
    altitudeMetres: institution?.altitudeMetres ?? null,
    birthDate: opened.birthDate,
  };
  return resources.flatMap((one) => itemsOf(one, context));
}

const sourceView = (opened: OpenedOwn, holder: Holder) => ({
  ...holderNames(
    holder,
    opened.institutions.find((one) => one.id === holder.institutionId),
  ),
  knownAt: holder.indexedAt?.toISOString() ?? null,
});

const stateOf = ({ error, record }: Outcome) =>
  error ? "down" : (record?.resources ?? 0) > 0 ? "answered" : "nothing";

/**
 * The same, told as each institution answers. Never throws for what one does.
 * @param emit one event of the page
 */
export async function streamOwnRecord(
  services: Services,
  federation: Federation,
  opened: OpenedOwn,
  hostedVia: URL | null,
  emit: (event: OwnEvent) => void,
): Promise<void> {
  const merge = createMerge();
  await askOwnRecord(services, federation, opened, hostedVia, {
    begun: (holders) =>
      emit({
        type: "start",
        patientId: opened.patientId,
        at: opened.at.toISOString(),
        sources: holders.map((holder) => sourceView(opened, holder)),
      }),
    came: (holder, resources) => {
      const items = merge.add(itemsFrom(opened, holder, resources)).map(ownItemOf);
      if (items.length > 0) emit({ type: "items", items });
    },
    answered: ({ holder, outcome }) =>
      emit({ type: "source", source: holder.code, state: stateOf(outcome) }),
  });
  emit({ type: "end" });
}
