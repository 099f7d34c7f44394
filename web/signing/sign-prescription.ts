import canonicalize from "canonicalize";
import type { PrescriptionView } from "../../server/prescription/contract.ts";
import { api } from "../api/client.ts";
import { signatureTypes, signCompact } from "./jws.ts";
import type { SigningKey } from "./key-store.ts";
import { CanonicalMismatch } from "./sign-opinion.ts";

/**
 * Signs a prescription: fetches the document, checks that the bytes are its RFC 8785 form and hold every line that
 * was shown, signs those bytes with the doctor's own key and sends the JWS.
 * @throws CanonicalMismatch when the bytes say something else than what was read
 */
export async function signPrescription(
  shown: Pick<PrescriptionView, "id" | "version" | "number" | "lines">,
  key: SigningKey,
  idempotencyKey: string,
): Promise<PrescriptionView> {
  const { document, canonical, version } = await api.post<{
    document: unknown;
    canonical: string;
    version: number;
  }>(`/api/prescriptions/${shown.id}/document`, { version: shown.version });
  const holds = [shown.number, ...shown.lines.map((one) => one.code)].every((text) =>
    canonical.includes(JSON.stringify(text)),
  );
  if (canonicalize(document) !== canonical || !holds) throw new CanonicalMismatch();
  const jws = await signCompact(key.privateKey, key.kid, signatureTypes.prescription, canonical);
  return api.post<PrescriptionView>(
    `/api/prescriptions/${shown.id}/sign`,
    { version, jws },
    idempotencyKey,
  );
}
