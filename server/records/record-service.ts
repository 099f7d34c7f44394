/** One patient's record from every institution of the alliance that holds something, as each answers. */
import type { Resource } from "@medplum/fhirtypes";
import { and, desc, eq, gt, inArray } from "drizzle-orm";
import { identifierSystems } from "../../fhir-mappings/systems.ts";
import { trace } from "../audit/service.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { sendSms } from "../notices/service.ts";
import { findPatient, findSignInContacts, ofPerson, phoneContext } from "../patients/service.ts";
import { criticalValue } from "../reporting/schema.ts";
import { askHolder } from "./ask-holder.ts";
import { issueCallerToken } from "./federation/caller-token.ts";
import { isIllness } from "./federation/fault.ts";
import type { Federation, Outcome } from "./federation/federation.ts";
import type { RecordSource } from "./federation/source.ts";
import type { KnownIdentifier } from "./locator.ts";
import { findHolders, type Holder } from "./locator-service.ts";
import { type SourceView as Seen, wholeView } from "./outside-view.ts";
import { outsideViews } from "./outside-view-service.ts";
import { identifiersOf } from "./own-person.ts";
import { applyChoices } from "./own-rules.ts";
import { applyShared, findShared } from "./record-consents.ts";
import type { RecordEvent, RecordItem, SourceState, SourceView } from "./record-contract.ts";
import { type CopyOf, findCopy, keepCopy } from "./record-copies.ts";
import { itemsOf } from "./record-items.ts";
import { createMerge } from "./record-merge.ts";
import { findWays, holderNames, sourceOf } from "./record-source.ts";
import { recordEmergency, recordStore } from "./schema.ts";

export type RecordQuestion = {
  readonly patientId: string;
  /** Code of the one source that is asked again; null: all. */
  readonly source: string | null;
  /** Why consent is passed over; null: it is not. */
  readonly emergency: string | null;
};

/** The patient as far as it takes to ask for him. */
export type BegunRecord = {
  readonly question: RecordQuestion;
  readonly actor: StaffActor;
  readonly origin: Work["origin"];
  readonly birthDate: string | null;
  readonly identifiers: readonly KnownIdentifier[];
  readonly institutions: readonly InstitutionRow[];
  readonly criticalValues: readonly RecordItem[];
};
/** And whom to ask; the stream goes on from here. */
export type OpenedRecord = BegunRecord & {
  readonly holders: readonly Holder[];
  readonly sources: ReadonlyMap<string, RecordSource>;
  /** What consent lets be seen of those that cannot be bound by it, by their code. */
  readonly views: ReadonlyMap<string, Seen>;
};

const system = systemActor("record-federation");
/** A family is told once an hour, however often the page is opened in an emergency. */
const tellOnceMs = 60 * 60_000;
const criticalDays = 365;

/**
 * Who asks for whom; leaves the trace of opening.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function beginRecord(
  services: Services,
  work: Work<StaffActor>,
  question: RecordQuestion,
): Promise<BegunRecord> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "record.read");
  if (question.emergency !== null) assertPermission(actor, "record.emergency");
  const record = await findPatient(tx, question.patientId);
  if (!record) throw new DomainError("request.not-found");
  const { row } = record;
  const emergency =
    question.emergency === null
      ? null
      : await openEmergency(services, work, question, question.emergency);
  await trace(tx, actor, origin, {
    action: question.emergency === null ? "record.open" : "record.emergency",
    entityType: "patient",
    entityId: row.id,
    patientId: row.id,
    purpose: question.emergency === null ? "treatment" : "emergency",
    detail: {
      ...(question.source ? { source: question.source } : {}),
      ...(emergency ? { emergency } : {}),
    },
  });
  const institutions = await findInstitutions(tx);
  return {
    question,
    actor,
    origin,
    birthDate: row.birthDate,
    identifiers: identifiersOf(services, record),
    institutions,
    criticalValues: question.source === null ? await criticalItems(work, row.id, institutions) : [],
  };
}

/**
 * Whom to ask; a transaction of its own, so that nobody holds one and waits for another.
 * @param hostedVia where a hosted store's own endpoint is reached from here
 * @throws DomainError `request.not-found` for a source that holds nothing
 */
export async function locateRecord(
  services: Services,
  begun: BegunRecord,
  hostedVia: URL | null,
): Promise<OpenedRecord> {
  const { question, actor } = begun;
  const { all, ways, shared } = await services.db.withActor(system, async (tx) => ({
    all: await findHolders(services, tx, begun.identifiers),
    ways: await findWays(tx),
    shared: await findShared(tx, question.patientId, actor.institutionId),
  }));
  const holders = all.filter((one) => question.source === null || one.code === question.source);
  if (question.source !== null && holders.length === 0) throw new DomainError("request.not-found");
  await applyChoices(services, question.patientId);
  await Promise.all(
    holders.map((holder) => applyShared(services, holder, actor.institutionId, shared)),
  );
  return {
    ...begun,
    holders,
    sources: new Map(
      holders.map((holder) => [holder.code, sourceOf(services, holder, ways, hostedVia)]),
    ),
    views:
      question.emergency === null
        ? await outsideViews(services, { ...question, all, holders, shared, asker: actor })
        : new Map(),
  };
}

/**
 * Ask every source at once and say what each answers as it does. Never throws for what a source does.
 * @param emit one event of the page
 */
export async function streamRecord(
  services: Services,
  federation: Federation,
  opened: OpenedRecord,
  emit: (event: RecordEvent) => void,
): Promise<void> {
  const startedAt = performance.now();
  const { question, holders } = opened;
  emit({
    type: "start",
    at: services.clock().toISOString(),
    patientId: question.patientId,
    isUnjoined: !opened.identifiers.some((one) => one.system === identifierSystems.residentId),
    isEmergency: question.emergency !== null,
    sources: holders.map((holder) => sourceView(opened, holder)),
  });
  const merge = createMerge();
  if (opened.criticalValues.length > 0)
    emit({ type: "items", source: "alliance", items: merge.add(opened.criticalValues) });
  await Promise.all(
    holders.map(async (holder) => {
      const institution = opened.institutions.find((one) => one.id === holder.institutionId);
      const context = {
        source: holder.code,
        altitudeMetres: institution?.altitudeMetres ?? null,
        birthDate: opened.birthDate,
        // Files are read one by one, under the patient's consent: a glass broken for the page is not for them.
        filesAt:
          holder.store.kind === "hosted" && !holder.outside && question.emergency === null
            ? `/stores/${holder.code}/fhir`
            : undefined,
      };
      const view = opened.views.get(holder.code) ?? wholeView;
      const copyOf: CopyOf | null =
        question.emergency === null && holder.outside
          ? {
              holder,
              patientId: question.patientId,
              institutionId: opened.actor.institutionId,
              view,
            }
          : null;
      const came: Resource[] = [];
      const show = (resources: readonly Resource[]) => {
        const items = merge.add(resources.flatMap((one) => itemsOf(one, context)));
        if (items.length > 0) emit({ type: "items", source: holder.code, items });
      };
      const outcome = await askHolder(services, federation, holder, {
        source: opened.sources.get(holder.code)!,
        localIds: holder.localIds,
        identifiers: opened.identifiers,
        callerToken: holder.store.kind === "hosted" ? tokenFor(services, opened, holder) : null,
        address: opened.origin.address,
        isWanted: question.source !== null,
        ...(view.isShown ? { isShown: view.isShown } : {}),
        only: view.only,
        onPage: (resources) => {
          if (copyOf) came.push(...resources);
          show(resources);
        },
      });
      // What is paused was not asked.
      if (outcome.error?.fault !== "paused") await keepOutcome(services, opened, holder, outcome);
      const { record, error, tookMs } = outcome;
      if (copyOf) await keepCopy(services, copyOf, outcome, came);
      const copy =
        copyOf && error && (isIllness(error) || error.fault === "resting")
          ? await findCopy(services, copyOf)
          : null;
      if (copy) show(copy.resources);
      const hasMore = view.only !== undefined && (record?.patientIds.length ?? 0) > 0;
      emit({
        type: "source",
        source: holder.code,
        state: stateOf(outcome, holder),
        fault: error?.fault ?? null,
        tookMs,
        resources: record?.resources ?? 0,
        withholds:
          hasMore || (record?.withholds ?? false) || stateOf(outcome, holder) === "withheld",
        setAside: record?.setAside ?? 0,
        otherPatient: record?.otherPatient ?? 0,
        copyAt: copy?.takenAt.toISOString() ?? null,
      });
    }),
  );
  emit({ type: "end", tookMs: Math.round(performance.now() - startedAt) });
}

/** A house that has him and shows nothing to us withholds, whether it says so or not. */
const stateOf = ({ record }: Outcome, holder: Holder): SourceState =>
  record?.state === "nothing" && holder.store.kind === "hosted"
    ? "withheld"
    : (record?.state ?? "down");

/** One row of audit for each source that was asked. */
async function keepOutcome(
  services: Services,
  { question, actor, origin }: OpenedRecord,
  holder: Holder,
  outcome: Outcome,
): Promise<void> {
  await services.db.withActor(actor, (tx) =>
    trace(tx, actor, origin, {
      action: outcome.record ? "record.ask" : "record.unanswered",
      entityType: "institution",
      entityId: holder.institutionId,
      patientId: question.patientId,
      purpose: question.emergency === null ? "treatment" : "emergency",
      detail: {
        source: holder.code,
        outcome: outcome.error?.fault ?? outcome.record?.state ?? null,
        resources: outcome.record?.resources ?? 0,
        requests: outcome.requests,
        tookMs: outcome.tookMs,
      },
    }),
  );
}

function sourceView(opened: OpenedRecord, holder: Holder): SourceView {
  const institution = opened.institutions.find((one) => one.id === holder.institutionId);
  return {
    ...holderNames(holder, institution),
    isOwn: holder.institutionId === opened.actor.institutionId,
    indexedAt: holder.indexedAt?.toISOString() ?? null,
    // What kinds there are may already say too much: only of one's own house.
    kinds: holder.institutionId === opened.actor.institutionId ? holder.kinds : [],
  };
}

function tokenFor(services: Services, { question, actor, origin }: OpenedRecord, holder: Holder) {
  return issueCallerToken(services, {
    store: holder.code,
    person: actor.personId,
    name: actor.name,
    institution: actor.institutionId,
    purpose: question.emergency === null ? "treatment" : "emergency",
    reason: question.emergency,
    correlation: origin.correlationId,
    address: origin.address,
  });
}

/**
 * Written down with its reason before anything is shown; whoever may sign in for the patient is told.
 * @returns id of the register's row
 */
export async function openEmergency(
  services: Services,
  {
    tx,
    actor,
    now,
  }: Pick<Work, "tx" | "now"> & { actor: Pick<StaffActor, "personId" | "institutionId"> },
  { patientId }: Pick<RecordQuestion, "patientId">,
  reason: string,
): Promise<string> {
  const [recent] = await tx
    .select()
    .from(recordEmergency)
    .where(
      and(
        ofPerson(recordEmergency.patientId, patientId),
        eq(recordEmergency.personId, actor.personId),
        eq(recordEmergency.reason, reason),
        gt(recordEmergency.openedAt, new Date(now.getTime() - tellOnceMs)),
      ),
    )
    .limit(1);
  if (recent) return recent.id;
  const [opened] = await tx
    .insert(recordEmergency)
    .values({
      patientId,
      institutionId: actor.institutionId,
      personId: actor.personId,
      reason,
      openedAt: now,
    })
    .returning();
  const hour = Math.floor(now.getTime() / tellOnceMs);
  for (const contact of await findSignInContacts(tx, patientId))
    await sendSms(tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "record-emergency",
      text: "【医联】医生因急救查看了您未开放的病历。谁、何时、为什么，请打开“谁看过”查看；有疑问请联系医院。",
      dedupeKey: `record:${patientId}:emergency:${actor.personId}:${hour}:${contact.id}`,
      at: now,
    });
  return opened!.id;
}

/** Critical values of the alliance with whoever answers for them; the row policies say which are seen. */
async function criticalItems(
  { tx, now }: Work<StaffActor>,
  patientId: string,
  institutions: readonly InstitutionRow[],
): Promise<RecordItem[]> {
  const rows = await tx
    .select()
    .from(criticalValue)
    .where(
      and(
        ofPerson(criticalValue.patientId, patientId),
        gt(criticalValue.measuredAt, new Date(now.getTime() - criticalDays * 86_400_000)),
      ),
    )
    .orderBy(desc(criticalValue.measuredAt))
    .limit(50);
  return rows
    .filter((row) => row.state !== "cancelled")
    .map((row) => ({
      key: `critical:${row.id}`,
      section: "results",
      kind: "CriticalValue",
      title: row.itemText,
      detail: row.actionTaken,
      certainty: null,
      file: null,
      isPast: row.state === "acted",
      isHigh: row.state !== "acted",
      date: row.measuredAt.toISOString(),
      result: {
        series: `critical|${row.itemText}`,
        value: null,
        text: row.valueText,
        unit: row.unit,
        range: null,
        flag: "critical",
        altitudeMetres: row.altitudeMetres,
      },
      receiver: { name: row.receiverName, state: row.state },
      sources: [
        {
          code: institutions.find((one) => one.id === row.institutionId)?.slug ?? "",
          reference: `CriticalValue/${row.id}`,
          date: row.foundAt.toISOString(),
        },
      ],
    }));
}

/**
 * Records of institutions that are kept here, and whether they answer.
 * @throws DomainError `permission.denied`
 */
export async function listStores(work: Work<StaffActor>) {
  assertPermission(work.actor, "record.manage");
  const rows = await work.tx.select().from(recordStore).where(eq(recordStore.kind, "hosted"));
  const institutions = await findInstitutions(
    work.tx,
    rows.map((row) => row.institutionId),
  );
  return {
    stores: institutions.map((one) => ({
      code: one.slug,
      name: one.name,
      nameBo: one.nameBo,
      nameEn: one.nameEn,
      ...pauseOf(rows.find((row) => row.institutionId === one.id)),
      // As the row policy of `record_store` has it.
      mayPause:
        one.id === work.actor.institutionId || work.actor.permissions.has("directory.manage"),
    })),
  };
}

const pauseOf = (row: typeof recordStore.$inferSelect | undefined) => ({
  paused: row?.pausedAt != null,
  pausedAt: row?.pausedAt?.toISOString() ?? null,
  reason: row?.pauseReason ?? null,
});

/**
 * Pause a store, or let it answer again.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function pauseStore(
  services: Services,
  work: Work<StaffActor>,
  code: string,
  { paused, reason }: { paused: boolean; reason?: string | undefined },
): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "record.manage");
  const [found] = (await findInstitutions(tx)).filter((one) => one.slug === code);
  const rows = found
    ? await tx
        .update(recordStore)
        .set({
          pausedAt: paused ? now : null,
          pausedBy: paused ? actor.personId : null,
          pauseReason: paused ? (reason ?? null) : null,
        })
        .where(and(eq(recordStore.kind, "hosted"), inArray(recordStore.institutionId, [found.id])))
        .returning()
    : [];
  if (rows.length === 0) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: paused ? "record-store.pause" : "record-store.resume",
    entityType: "record-store",
    entityId: rows[0]!.institutionId,
    ...(reason ? { detail: { reason } } : {}),
  });
  services.records.refresh();
}
