/** Credit certificates (学分证书): issued by a job from attendance, signed with the key of cards, checked without an account. */
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { CompactSign, compactVerify, type JWK } from "jose";
import { renderSVG } from "uqr";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { issuerOf, publishedKeys, signingKey } from "../cards/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import type { OpinionPrinter } from "../opinion-document/service.ts";
import { localDay } from "../patients/service.ts";
import { teachingPolicy } from "./case-schema.ts";
import type {
  certificateCheck,
  certificateList,
  certificateView,
  issuedList,
  policyBody,
  policyList,
} from "./credit-contract.ts";
import { courseAttended, maskedName, mayEarn } from "./credit-domain.ts";
import { teachingCertificate } from "./credit-schema.ts";
import { teachingAttendance } from "./live-schema.ts";
import type { SessionRow } from "./repository.ts";
import { teachingSeries, teachingSession } from "./schema.ts";
import { houseNames } from "./view.ts";

type Staff = Work<StaffActor>;
type Row = typeof teachingCertificate.$inferSelect;
const unknown = { zh: "—", en: null, bo: null };
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `XF` + day + ten characters that nobody guesses (50 bits). */
const newCode = (day: string) =>
  `XF${day.replaceAll("-", "")}${[...randomBytes(10)].map((byte) => base32[byte % 32]).join("")}`;

type NewCertificate = Omit<
  typeof teachingCertificate.$inferInsert,
  "code" | "jws" | "issuedAt" | "id"
> & { title: string };

/** Signs and keeps one certificate; the same once. @returns whether it is new */
async function issue(
  services: Services,
  tx: Tx,
  { title, ...row }: NewCertificate,
  now: Date,
): Promise<boolean> {
  const { kid, privateJwk } = await signingKey(services);
  const code = newCode(localDay(now));
  const claims = {
    iss: issuerOf(services),
    jti: code,
    iat: Math.floor(now.getTime() / 1000),
    name: row.name,
    title,
    points: row.points,
  };
  const jws = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", kid, typ: "teaching-credit+jwt" })
    .sign(createPrivateKey({ key: privateJwk, format: "jwk" }));
  const added = await tx
    .insert(teachingCertificate)
    .values({ ...row, code, jws, issuedAt: now })
    .onConflictDoNothing()
    .returning({ id: teachingCertificate.id });
  if (added.length === 0) return false;
  if (row.personId)
    await notify(tx, {
      personIds: [row.personId],
      kind: "teaching-certificate",
      entityType: "teaching-certificate",
      entityId: code,
      detail: { title },
      dedupeKey: `teaching-certificate:${code}`,
      at: now,
    });
  return true;
}

/**
 * Certificates of one session that is over, from who was counted as present. Running twice gives nobody a second one;
 * one that was revoked is not given again.
 * @returns how many are new
 */
export async function issueOfSession(
  services: Services,
  tx: Tx,
  session: SessionRow,
  now: Date,
): Promise<number> {
  if (session.points <= 0 || session.endedAt === null) return 0;
  const counted = await tx
    .select()
    .from(teachingAttendance)
    .where(eq(teachingAttendance.sessionId, session.id));
  const given = await tx
    .select()
    .from(teachingCertificate)
    .where(eq(teachingCertificate.sessionId, session.id));
  const names = await findPeopleNames(
    tx,
    counted.flatMap((one) => one.personId ?? []),
  );
  let issued = 0;
  for (const one of counted) {
    const attendance = {
      presencePercent: Math.min(100, Math.floor(one.share * 100)),
      quizPercent: one.quizScore === null ? null : Math.floor(one.quizScore * 100),
    };
    const name = one.personId ? names.get(one.personId) : one.name;
    if (!name || !mayEarn(session, attendance)) continue;
    if (
      given.some((old) =>
        one.personId
          ? old.personId === one.personId
          : old.personId === null && old.institutionId === one.institutionId && old.name === name,
      )
    )
      continue;
    const isNew = await issue(
      services,
      tx,
      {
        ...attendance,
        title: session.title,
        sessionId: session.id,
        personId: one.personId,
        institutionId: one.institutionId,
        name,
        points: session.points,
        issuerInstitutionId: session.institutionId,
      },
      now,
    );
    if (isNew) issued += 1;
  }
  return issued;
}

/** Certificates of courses that are closed: whoever earned enough of their sessions. @returns how many are new */
export async function issueOfCourses(services: Services, tx: Tx, now: Date): Promise<number> {
  const courses = await tx
    .select()
    .from(teachingSeries)
    .where(and(isNotNull(teachingSeries.closedAt), sql`${teachingSeries.points} > 0`));
  let issued = 0;
  for (const course of courses) {
    const held = await tx
      .select({ id: teachingSession.id })
      .from(teachingSession)
      .where(and(eq(teachingSession.seriesId, course.id), isNotNull(teachingSession.endedAt)));
    if (held.length === 0) continue;
    const earned = await tx
      .select()
      .from(teachingCertificate)
      .where(
        and(
          inArray(
            teachingCertificate.sessionId,
            held.map((one) => one.id),
          ),
          isNotNull(teachingCertificate.personId),
          isNull(teachingCertificate.revokedAt),
        ),
      );
    const given = await tx
      .select({ personId: teachingCertificate.personId })
      .from(teachingCertificate)
      .where(eq(teachingCertificate.seriesId, course.id));
    for (const [personId, own] of Map.groupBy(earned, (one) => one.personId)) {
      const share = Math.floor((own.length * 100) / held.length);
      if (!courseAttended(own.length, held.length, course.minimumSessionsPercent)) continue;
      if (given.some((one) => one.personId === personId)) continue;
      const isNew = await issue(
        services,
        tx,
        {
          title: course.title,
          seriesId: course.id,
          personId,
          institutionId: own[0]!.institutionId,
          name: own[0]!.name,
          points: course.points,
          presencePercent: share,
          quizPercent: null,
          issuerInstitutionId: course.institutionId,
        },
        now,
      );
      if (isNew) issued += 1;
    }
  }
  return issued;
}

const titleOf = sql<string>`coalesce(${teachingSession.title}, ${teachingSeries.title}, '—')`;
const withTitles = (tx: Tx) =>
  tx
    .select({ row: teachingCertificate, title: titleOf })
    .from(teachingCertificate)
    .leftJoin(teachingSession, eq(teachingSession.id, teachingCertificate.sessionId))
    .leftJoin(teachingSeries, eq(teachingSeries.id, teachingCertificate.seriesId));

/** The reader's own, newest first. */
export async function listMyCertificates({
  tx,
  actor,
}: Staff): Promise<z.input<typeof certificateList>> {
  const rows = await withTitles(tx)
    .where(eq(teachingCertificate.personId, actor.personId))
    .orderBy(desc(teachingCertificate.issuedAt))
    .limit(200);
  const houses = await houseNames(
    tx,
    rows.map((one) => one.row.issuerInstitutionId),
  );
  return {
    certificates: rows.map(({ row, title }) => viewCertificate(row, title, houses)),
  };
}

const viewCertificate = (
  row: Row,
  title: string,
  houses: Awaited<ReturnType<typeof houseNames>>,
): z.input<typeof certificateView> => ({
  code: row.code,
  title,
  name: row.name,
  issuer: houses.get(row.issuerInstitutionId) ?? unknown,
  points: row.points,
  presencePercent: row.presencePercent,
  quizPercent: row.quizPercent,
  issuedAt: row.issuedAt.toISOString(),
  revokedAt: row.revokedAt?.toISOString() ?? null,
  revokeReason: row.revokeReason,
});

const issuedMost = 100;

/** What the own house gave, newest first, found by a part of a name, a title or a code. @throws DomainError `permission.denied` */
export async function listIssued(
  { tx, actor, origin }: Staff,
  words: string,
): Promise<z.input<typeof issuedList>> {
  assertPermission(actor, "teaching.manage");
  const like = `%${words.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await withTitles(tx)
    .where(
      and(
        eq(teachingCertificate.issuerInstitutionId, actor.institutionId),
        words === ""
          ? undefined
          : sql`(${teachingCertificate.name} ilike ${like} or ${teachingCertificate.code} ilike ${like} or ${titleOf} ilike ${like})`,
      ),
    )
    .orderBy(desc(teachingCertificate.issuedAt))
    .limit(issuedMost);
  await trace(tx, actor, origin, {
    action: "teaching.certificates-read",
    entityType: "institution",
    entityId: actor.institutionId,
  });
  const houses = await houseNames(
    tx,
    rows.flatMap((one) => [one.row.issuerInstitutionId, one.row.institutionId]),
  );
  return {
    certificates: rows.map(({ row, title }) => ({
      ...viewCertificate(row, title, houses),
      institution: houses.get(row.institutionId) ?? unknown,
    })),
  };
}

async function load(tx: Tx, code: string): Promise<{ row: Row; title: string }> {
  const [found] = await withTitles(tx).where(eq(teachingCertificate.code, code));
  if (!found) throw new DomainError("request.not-found");
  return found;
}

/** One certificate on paper, for its owner and for the house that issued it. @throws DomainError `request.not-found`, `teaching.certificate-stands` */
export async function printCertificate(
  services: Services,
  printer: OpinionPrinter,
  { tx, actor, origin }: Staff,
  code: string,
): Promise<Uint8Array> {
  const { row, title } = await load(tx, code);
  if (row.revokedAt) throw new DomainError("teaching.certificate-stands");
  const houses = await houseNames(tx, [row.issuerInstitutionId, row.institutionId]);
  await trace(tx, actor, origin, {
    action: "teaching.certificate-print",
    entityType: "teaching-certificate",
    entityId: row.id,
  });
  const address = `${services.publicUrl}/verify/teaching/${row.code}`;
  const data = {
    name: row.name,
    house: houses.get(row.institutionId)?.zh ?? "",
    title,
    issuer: houses.get(row.issuerInstitutionId)?.zh ?? "",
    points: String(row.points),
    presence: String(row.presencePercent),
    quiz: row.quizPercent === null ? "" : String(row.quizPercent),
    code: row.code,
    date: localDay(row.issuedAt),
    address,
    qr: renderSVG(address, { ecc: "M", border: 2, pixelSize: 4 }),
  };
  return printer.printCertificate(JSON.stringify(data), row.issuedAt);
}

/** @throws DomainError `request.not-found`, `permission.denied`, `teaching.certificate-stands` */
export async function revokeCertificate(
  { tx, actor, origin, now }: Staff,
  code: string,
  reason: string,
): Promise<void> {
  assertPermission(actor, "teaching.manage");
  const { row } = await load(tx, code);
  if (row.issuerInstitutionId !== actor.institutionId) throw new DomainError("request.not-found");
  const changed = await tx
    .update(teachingCertificate)
    .set({ revokedAt: now, revokedBy: actor.personId, revokeReason: reason })
    .where(and(eq(teachingCertificate.id, row.id), isNull(teachingCertificate.revokedAt)))
    .returning({ id: teachingCertificate.id });
  if (changed.length === 0) throw new DomainError("teaching.certificate-stands");
  await trace(tx, actor, origin, {
    action: "teaching.certificate-revoke",
    entityType: "teaching-certificate",
    entityId: row.id,
  });
}

type Checked = {
  code: string;
  name: string;
  title: string;
  issuer_id: string;
  points: string;
  issued_at: Date | string;
  revoked_at: Date | string | null;
  jws: string;
};

/** What anybody may ask by a code: true or not, and the first character of the name. */
export async function checkCertificate(
  services: Services,
  { tx }: Work<Actor>,
  code: string,
): Promise<z.input<typeof certificateCheck>> {
  const [row] = await tx.execute<Checked>(
    sql`select * from app.check_teaching_certificate(${code})`,
  );
  if (!row)
    return {
      state: "unknown",
      code,
      maskedName: null,
      title: null,
      issuer: null,
      points: null,
      issuedOn: null,
      signed: false,
    };
  const houses = await houseNames(tx, [row.issuer_id]);
  return {
    state: row.revoked_at === null ? "valid" : "revoked",
    code,
    maskedName: maskedName(row.name),
    title: row.title,
    issuer: houses.get(row.issuer_id) ?? unknown,
    points: Number(row.points),
    issuedOn: localDay(new Date(row.issued_at)),
    signed: await isOurs(services, row),
  };
}

/** The signature holds for exactly what is said here, by a key that still counts. */
async function isOurs(services: Services, row: Checked): Promise<boolean> {
  const keys = await publishedKeys(services);
  const verified = await compactVerify(row.jws, ({ kid }) => {
    const key = keys.find((one) => one.kid === kid);
    if (!key) throw new Error("unknown key");
    const jwk: JWK = { kty: key.kty, crv: key.crv, x: key.x, y: key.y };
    return createPublicKey({ key: jwk, format: "jwk" });
  }).catch(() => null);
  if (!verified) return false;
  const claims = JSON.parse(Buffer.from(verified.payload).toString("utf8")) as {
    jti: string;
    name: string;
    points: number;
  };
  return (
    claims.jti === row.code && claims.name === row.name && claims.points === Number(row.points)
  );
}

/** The house's numbers, newest first. @throws DomainError `permission.denied` */
export async function listPolicies({ tx, actor, now }: Staff): Promise<z.input<typeof policyList>> {
  assertPermission(actor, "teaching.manage");
  const today = localDay(now);
  const rows = await tx
    .select()
    .from(teachingPolicy)
    .where(eq(teachingPolicy.institutionId, actor.institutionId))
    .orderBy(desc(teachingPolicy.validFrom));
  const counts = rows.find((one) => one.validFrom <= today)?.validFrom;
  return {
    policies: rows.map((one) => ({
      validFrom: one.validFrom,
      retentionYears: one.retentionYears,
      smallCellLeast: one.smallCellLeast,
      source: one.source,
      counts: one.validFrom === counts,
    })),
  };
}

/** A further row; what counted before stays in the list. @throws DomainError `permission.denied`, `teaching.policy-dated` */
export async function addPolicy(
  work: Staff,
  body: z.infer<typeof policyBody>,
): Promise<z.input<typeof policyList>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "teaching.manage");
  await tx
    .insert(teachingPolicy)
    .values({ ...body, institutionId: actor.institutionId, enteredBy: actor.personId });
  await trace(tx, actor, origin, {
    action: "teaching.policy",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: { validFrom: body.validFrom, retentionYears: body.retentionYears },
  });
  return listPolicies(work);
}
