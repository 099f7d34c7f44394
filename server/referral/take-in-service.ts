/** A referral that another system wrote: it stands on our desk's queue like any other, in its house's name. */
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { HouseActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { localDay } from "../patients/service.ts";
import { changeReferral, writeStep } from "./change.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { startClock } from "./request-service.ts";

export type WrittenElsewhere = Partial<ReferralRow> &
  Pick<ReferralRow, "direction" | "urgency" | "patientId" | "requesterId"> & {
    toInstitutionId: string;
  };

/** What that house says of the patient's agreement; who, when and how are always said. */
export type ConsentElsewhere = {
  readonly by: string;
  readonly method: "signature" | "fingerprint" | "own-device";
  readonly language: string | null;
  readonly relation: string | null;
  readonly witness: string | null;
  readonly reason: string | null;
  readonly recordedAt: Date;
};

/** A draft in the patient's open episode or a new one; the database gives it out with {@link sendIn}. */
export async function draftIn(
  work: Work<HouseActor>,
  content: WrittenElsewhere,
): Promise<ReferralRow> {
  const { tx, actor, now } = work;
  const open = (await repository.findEpisodesOf(tx, [content.patientId])).filter(
    (one) => one.state === "active",
  );
  const episode =
    open.find((one) => one.id === content.episodeId) ??
    open[0] ??
    (await repository.insertEpisode(
      tx,
      {
        patientId: content.patientId,
        complaint: content.reason?.slice(0, 300) ?? "",
        openedByInstitutionId: actor.institutionId,
        openedBy: null,
        openedAt: now,
        careInstitutionId: actor.institutionId,
      },
      localDay(now),
    ));
  return repository.insertReferral(
    tx,
    { ...content, fromInstitutionId: actor.institutionId, episodeId: episode.id, updatedAt: now },
    localDay(now),
  );
}

/**
 * It goes out: our clock starts, our desk is told.
 * @param consent what the house said of the patient's agreement; null: an emergency
 * @throws DomainError `referral.consent-missing`, `referral.duplicate`
 */
export async function sendIn(
  work: Work<HouseActor>,
  row: ReferralRow,
  consent: ConsentElsewhere | null,
): Promise<ReferralRow> {
  const { tx, actor, now } = work;
  if (!consent && row.urgency !== "emergency") throw new DomainError("referral.consent-missing");
  if (consent)
    await repository.insertConsent(tx, {
      episodeId: row.episodeId,
      recipientInstitutionId: row.toInstitutionId!,
      given: true,
      method: consent.method === "own-device" ? null : consent.method,
      language: consent.language ?? "zh-CN",
      // The text that was read, and the signature under it, lie at that house.
      textVersion: `outside:${actor.clientId}`,
      signerName: consent.by,
      signerRelation: consent.relation ?? "",
      witnessName: consent.witness,
      reason: consent.reason,
      recordedAt: consent.recordedAt,
    });
  const open = (await repository.findOpenTowards(tx, row.patientId, row.direction)).find(
    (one) =>
      one.id !== row.id &&
      one.submittedAt !== null &&
      one.toInstitutionId === row.toInstitutionId &&
      one.toDepartmentId === row.toDepartmentId,
  );
  if (open) throw new DomainError("referral.duplicate", { number: open.number });
  const respondBy = await startClock(work, row);
  const { actor: house, ...rest } = work;
  // What the house wrote is one thing with its going out: our own job takes it in.
  const sent = await changeReferral(
    { ...rest, actor: { kind: "job", task: "referral:outside", language: "zh-CN" } },
    row,
    {
      version: row.version,
      change: { state: "submitted", submittedAt: now, respondBy, escalationLevel: 0 },
    },
  );
  await writeStep({ ...rest, actor: house }, sent, { action: "submit", from: "draft" });
  await notify(tx, {
    personIds: await findWithPermission(tx, row.toInstitutionId!, "referral.desk", now),
    kind: row.urgency === "emergency" ? "referral-emergency" : "referral-submitted",
    entityType: "referral",
    entityId: row.id,
    detail: { urgency: row.urgency, direction: row.direction },
    dedupeKey: `referral:${row.id}:submitted:${sent.version}`,
    at: now,
  });
  return sent;
}
