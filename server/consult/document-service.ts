import { eq } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import type { OpinionPrinter } from "../opinion-document/service.ts";
import {
  type OpinionDocument,
  opinionDocument,
  signingDoctor,
} from "../opinion-document/service.ts";
import { maskPersonName } from "../patients/service.ts";
import { findKeys, SignatureError, verifyOpinionJws } from "../signing/service.ts";
import { assertMayReadFile } from "./access.ts";
import type { checkAnswer } from "./contract.ts";
import { defaultConsultClocks, patientMaySee } from "./domain.ts";
import * as repository from "./repository.ts";
import { consultOpinion } from "./schema.ts";

type Signed = { document: OpinionDocument; kid: string; signedAt: Date; contentHash: string };

/**
 * The signed opinion as a printable PDF, for both sides and, once he may see it, the patient.
 * @throws DomainError `request.not-found`
 */
export async function printOpinion(
  services: Services,
  printer: OpinionPrinter,
  work: Work<Actor>,
  id: string,
): Promise<Uint8Array> {
  const signed = await loadSigned(work, id);
  return printer.print({
    document: signed.document,
    signature: { kid: signed.kid, signedAt: signed.signedAt, contentHash: signed.contentHash },
    checkUrl: `${services.publicUrl}/check/${signed.document.documentId}`,
    demo: services.demo,
  });
}

async function loadSigned(work: Work<Actor>, id: string): Promise<Signed> {
  const { tx, actor, now } = work;
  const row = await repository.findConsult(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (actor.kind === "staff") await assertMayReadFile({ ...work, actor }, id);
  else if (actor.kind !== "patient" || !patientMaySee(row, now, defaultConsultClocks))
    throw new DomainError("request.not-found");
  const opinion = await repository.findOpinion(tx, id);
  if (!opinion?.jws || !opinion.signedBy || !opinion.signedAt)
    throw new DomainError("request.not-found");
  // What was altered in the store is not printed as signed.
  const keys = await findKeys(tx, [opinion.signedBy]);
  const verified = await verifyOpinionJws({
    jws: opinion.jws,
    document: opinion.document,
    keys,
    now,
    signedAt: opinion.signedAt,
  });
  await trace(tx, actor, work.origin, {
    action: "opinion.print",
    entityType: "consult",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return {
    document: opinionDocument.parse(opinion.document),
    kid: verified.kid,
    signedAt: opinion.signedAt,
    contentHash: verified.contentHash,
  };
}

/**
 * Whether a printed opinion stands: the stored signature is verified anew over the stored document.
 * Says who signed when; of the patient only a masked name.
 */
export async function checkOpinion(
  work: Work<Actor>,
  documentId: string,
): Promise<z.input<typeof checkAnswer>> {
  const { tx, now } = work;
  const none = {
    found: false,
    valid: false,
    reason: null,
    documentId: null,
    doctor: null,
    institution: null,
    signedAt: null,
    patientMasked: null,
    kid: null,
    keyRevokedAt: null,
  };
  const [opinion] = await tx
    .select()
    .from(consultOpinion)
    .where(eq(consultOpinion.documentId, documentId));
  if (!opinion?.jws || !opinion.signedAt || !opinion.signedBy) return none;
  const parsed = opinionDocument.safeParse(opinion.document);
  const doctor = parsed.success ? signingDoctor(parsed.data) : null;
  const patientName = parsed.success
    ? (parsed.data.patient.name ?? parsed.data.patient.nameBo)
    : null;
  const known = {
    found: true,
    documentId,
    doctor: doctor ? `${doctor.name} ${doctor.title}` : null,
    institution: doctor?.institution ?? null,
    signedAt: opinion.signedAt.toISOString(),
    patientMasked: patientName ? maskPersonName(patientName) : null,
    kid: opinion.kid,
  };
  try {
    const keys = await findKeys(tx, [opinion.signedBy]);
    const verified = await verifyOpinionJws({
      jws: opinion.jws,
      document: opinion.document,
      keys,
      now,
      signedAt: opinion.signedAt,
    });
    return {
      ...known,
      valid: true,
      reason: null,
      keyRevokedAt: verified.keyRevokedAt?.toISOString() ?? null,
    };
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return { ...known, valid: false, reason: error.reason, keyRevokedAt: null };
  }
}
