import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { hashSecret } from "../crypto/vault.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import {
  ageOn,
  findPatient,
  findPatients,
  localDay,
  maskPersonName,
  type PatientRecord,
  residentIdContext,
} from "../patients/service.ts";
import type { SigningKey } from "./card.ts";
import type * as contract from "./contract.ts";
import {
  type PaperCodeReason,
  type PaperRevocation,
  paperCodeReason,
  paperCodeState,
  paperCodeUntil,
  policyOn,
  validUntil,
} from "./domain.ts";
import type { PublishedKey } from "./key-service.ts";
import {
  keyTagOf,
  newPaperNumber,
  paperRid,
  parsePaperNumber,
  parsePaperText,
  signPaperText,
  verifyPaperText,
} from "./paper-text.ts";
import * as repository from "./repository.ts";

const textContext = "paper_code.text";
type PaperView = z.input<typeof contract.paperCode>;

/**
 * A paper code for somebody without a phone, by staff or by whoever books for him. One that he has
 * already is taken back at once: only the newest counts.
 * @param key asked for before this transaction
 * @throws DomainError `permission.denied`, `request.not-found`, `paper-code.not-entitled`
 */
export async function issuePaperCode(
  services: Services,
  work: Work<StaffActor | PatientActor>,
  key: SigningKey,
  input: z.output<typeof contract.issuePaperBody>,
): Promise<PaperView> {
  const { tx, actor, origin, now } = work;
  const record = await patientOf(work, input.patientId);
  const overrideReason = actor.kind === "staff" ? (input.overrideReason ?? null) : null;
  const reason = paperCodeReason({
    ageYears: ageOf(record, now),
    disabled: input.disabled,
    overrideReason,
  });
  if (!reason) throw new DomainError("paper-code.not-entitled");
  const policy = policyOn(await repository.findPolicies(tx), localDay(now));
  const number = newPaperNumber();
  const expiresAt = paperCodeUntil(now, policy.paperCodeDays);
  const text = signPaperText(number, expiresAt, key);
  const revoked = await repository.revokePaperCodes(tx, input.patientId, {
    revokedAt: now,
    revokedReason: "reissued",
  });
  const row = await repository.insertPaperCode(tx, {
    patientId: input.patientId,
    institutionId: actor.kind === "staff" ? actor.institutionId : null,
    issuedBy: actor.kind === "staff" ? actor.personId : null,
    numberHash: hashSecret(number),
    textCipher: services.vault.seal(textContext, text),
    kid: key.kid,
    rid: paperRid(number),
    reason,
    overrideReason: reason === "override" ? overrideReason : null,
    issuedAt: now,
    expiresAt,
  });
  await trace(tx, actor, origin, {
    action: "paper-code.issue",
    entityType: "paper-code",
    entityId: row.id,
    patientId: input.patientId,
    detail: { reason, reissued: revoked > 0 },
  });
  return viewPaper(services, record, row, now);
}

/**
 * What somebody has, for the desk: whether one counts, why one may be given. Its text is not shown
 * again: who needs another print is given a new one.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function readPaperDesk(
  work: Work<StaffActor>,
  patientId: string,
): Promise<z.input<typeof contract.paperDesk>> {
  const { tx, actor, origin, now } = work;
  const record = await patientOf(work, patientId);
  const [row] = await repository.findOpenPaperCodes(tx, [patientId]);
  await trace(tx, actor, origin, {
    action: "paper-code.read",
    entityType: "paper-code",
    entityId: row?.id ?? null,
    patientId,
  });
  return {
    reason: reasonByAge(record, now),
    current: row
      ? {
          id: row.id,
          state: paperCodeState(row, now),
          issuedAt: row.issuedAt.toISOString(),
          expiresAt: row.expiresAt.toISOString(),
        }
      : null,
  };
}

/** The codes of the people whom a phone books for, with their texts: to be printed again. */
export async function listMyPaperCodes(
  services: Services,
  work: Work<PatientActor>,
): Promise<z.input<typeof contract.myPaperCodes>> {
  const { tx, actor, origin, now } = work;
  const records = await findPatients(tx, actor.patientIds);
  const rows = await repository.findOpenPaperCodes(tx, actor.patientIds);
  for (const row of rows)
    await trace(tx, actor, origin, {
      action: "paper-code.read",
      entityType: "paper-code",
      entityId: row.id,
      patientId: row.patientId,
    });
  return {
    people: records.map((record) => {
      const row = rows.find((one) => one.patientId === record.row.id);
      return {
        patientId: record.row.id,
        name: nameOf(record),
        reason: reasonByAge(record, now),
        code: row && isReadable(services, row) ? viewPaper(services, record, row, now) : null,
      };
    }),
  };
}

/**
 * Takes a code back: lost, no longer wanted, made by mistake. Doing it again changes nothing.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function revokePaperCode(
  work: Work<StaffActor | PatientActor>,
  id: string,
  reason: PaperRevocation,
): Promise<void> {
  const { tx, actor, origin, now } = work;
  if (actor.kind === "staff") assertPermission(actor, "paper-code.issue");
  const row = await repository.findPaperCode(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (row.revokedAt) return;
  await repository.revokePaperCodes(tx, row.patientId, { revokedAt: now, revokedReason: reason });
  await trace(tx, actor, origin, {
    action: "paper-code.revoke",
    entityType: "paper-code",
    entityId: id,
    patientId: row.patientId,
    detail: { reason },
  });
}

/**
 * Whose a scanned code is: masked name and the last four digits, to be compared with the identity card.
 * A number that was typed by hand is believed without its signature: it cannot be guessed.
 * @param keys published keys, asked for before this transaction
 * @throws DomainError `permission.denied`, `paper-code.tampered`, `paper-code.unknown`,
 *   `paper-code.revoked`, `paper-code.expired`
 */
export async function checkPaperCode(
  services: Services,
  work: Work<StaffActor>,
  keys: readonly PublishedKey[],
  text: string,
): Promise<z.input<typeof contract.paperHolder>> {
  const { tx, actor, origin } = work;
  const found = await heldCode(work, keys, text);
  await trace(tx, actor, origin, {
    action: "paper-code.check",
    entityType: "paper-code",
    entityId: found.id,
    patientId: found.patientId,
  });
  return {
    id: found.id,
    patientId: found.patientId,
    nameMasked: maskPersonName(found.fullName ?? found.fullNameBo ?? ""),
    idLastFour: lastFour(services, found.residentIdCipher),
    sex: found.sex ?? "unknown",
    birthYear: found.birthDate ? Number(found.birthDate.slice(0, 4)) : null,
    expiresAt: new Date(found.expiresAt).toISOString(),
  };
}

/**
 * What the holder of a checked code was found to be, once the identity card was compared: the newest
 * result and until when it counts.
 * @throws DomainError as {@link checkPaperCode}
 */
export async function readPaperResult(
  work: Work<StaffActor>,
  keys: readonly PublishedKey[],
  text: string,
): Promise<z.input<typeof contract.paperResult>> {
  const { tx, actor, origin, now } = work;
  const found = await heldCode(work, keys, text);
  const result = await repository.findPaperResult(tx, found.numberHash, now);
  await trace(tx, actor, origin, {
    action: "paper-code.result",
    entityType: "paper-code",
    entityId: found.id,
    patientId: found.patientId,
  });
  const sampledAt = result?.sampledAt ? new Date(result.sampledAt) : null;
  const hours =
    sampledAt && result?.state === "negative"
      ? policyOn(await repository.findPolicies(tx), localDay(sampledAt)).validityHours
      : null;
  return {
    state: result?.state ?? "none",
    sampledAt: sampledAt?.toISOString() ?? null,
    validityHours: hours,
    validUntil: sampledAt && hours ? validUntil(sampledAt, hours).toISOString() : null,
  };
}

/**
 * Takes the holder of a paper code in at the institution at work, as if his identity card had been read:
 * whoever scans has compared it.
 * @returns the patient
 * @throws DomainError as {@link checkPaperCode}
 */
export async function admitByPaperCode(
  work: Work<StaffActor>,
  keys: readonly PublishedKey[],
  text: string,
): Promise<string> {
  const { tx, actor, origin, now } = work;
  const found = await heldCode(work, keys, text);
  await repository.linkByPaperCode(tx, found.numberHash, now);
  await trace(tx, actor, origin, {
    action: "paper-code.admit",
    entityType: "paper-code",
    entityId: found.id,
    patientId: found.patientId,
  });
  return found.patientId;
}

/**
 * The code that counts, with its person.
 * @throws DomainError `permission.denied`, `paper-code.tampered`, `paper-code.unknown`,
 *   `paper-code.revoked`, `paper-code.expired`
 */
async function heldCode(
  { tx, actor, now }: Work<StaffActor>,
  keys: readonly PublishedKey[],
  text: string,
): Promise<repository.PaperHolder & { patientId: string; numberHash: Buffer }> {
  assertPermission(actor, "paper-code.check");
  const numberHash = hashSecret(genuineNumber(keys, text));
  const found = await repository.findPaperHolder(tx, numberHash, now);
  if (!found) throw new DomainError("paper-code.unknown");
  if (found.revokedAt)
    throw new DomainError("paper-code.revoked", { day: localDay(new Date(found.revokedAt)) });
  if (!found.patientId)
    throw new DomainError("paper-code.expired", { day: localDay(new Date(found.expiresAt)) });
  return { ...found, patientId: found.patientId, numberHash };
}

/** @throws DomainError `paper-code.tampered`, `paper-code.unknown` */
function genuineNumber(keys: readonly PublishedKey[], text: string): string {
  const typed = parsePaperNumber(text);
  if (typed) return typed;
  const paper = parsePaperText(text);
  if (!paper) throw new DomainError("paper-code.unknown");
  const signers = keys.filter((key) => keyTagOf(key.kid) === paper.keyTag);
  if (!signers.some(({ kty, crv, x, y }) => verifyPaperText(paper, { kty, crv, x, y })))
    throw new DomainError("paper-code.tampered");
  return paper.number;
}

/** @throws DomainError `permission.denied`, `request.not-found` */
async function patientOf(
  { tx, actor }: Work<StaffActor | PatientActor>,
  patientId: string,
): Promise<PatientRecord> {
  if (actor.kind === "staff") assertPermission(actor, "paper-code.issue");
  else if (!actor.patientIds.includes(patientId)) throw new DomainError("request.not-found");
  const record = await findPatient(tx, patientId);
  if (!record) throw new DomainError("request.not-found");
  return record;
}

function viewPaper(
  services: Services,
  record: PatientRecord,
  row: repository.PaperCodeRow,
  now: Date,
): PaperView {
  const text = services.vault.open(textContext, row.textCipher);
  return {
    id: row.id,
    patientId: row.patientId,
    nameMasked: maskPersonName(nameOf(record)),
    idLastFour: lastFour(services, record.row.residentIdCipher),
    text,
    number: parsePaperText(text)?.number ?? "",
    reason: row.reason,
    state: paperCodeState(row, now),
    issuedAt: row.issuedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

/** Sealed with a data key that was lost: the code still counts, but cannot be printed again. */
function isReadable({ vault }: Services, row: repository.PaperCodeRow): boolean {
  try {
    return vault.open(textContext, row.textCipher) !== "";
  } catch {
    return false;
  }
}

function nameOf({ row }: PatientRecord): string {
  return row.fullName ?? row.fullNameBo ?? "";
}

function ageOf({ row }: PatientRecord, now: Date): number | null {
  return row.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null;
}

function reasonByAge(record: PatientRecord, now: Date): PaperCodeReason | null {
  return paperCodeReason({ ageYears: ageOf(record, now), disabled: false, overrideReason: null });
}

function lastFour(services: Services, cipher: string | null): string | null {
  return cipher ? services.vault.open(residentIdContext, cipher).slice(-4) : null;
}
