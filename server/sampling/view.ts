import type { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { phoneContext, residentIdContext } from "../patients/service.ts";
import type { personToSample, siteBrief, tubeView } from "./contract.ts";
import type { PersonRow, SiteRow, TubeRow } from "./repository.ts";

export type Names = { zh: string; en: string | null; bo: string | null };

export const iso = (at: string | Date): string => new Date(at).toISOString();
export const isoOrNull = (at: string | Date | null): string | null => (at ? iso(at) : null);

export const siteName = (row: Pick<SiteRow, "nameZh" | "nameEn" | "nameBo">): Names => ({
  zh: row.nameZh,
  en: row.nameEn,
  bo: row.nameBo,
});

/** Names of institutions by id, in every language. */
export async function institutionNames(
  tx: Tx,
  ids: readonly string[],
): Promise<(id: string) => Names> {
  const rows = await findInstitutions(tx, [...new Set(ids)]);
  const found = new Map(
    rows.map((row) => [row.id, { zh: row.name, en: row.nameEn, bo: row.nameBo }]),
  );
  return (id) => found.get(id) ?? { zh: "", en: null, bo: null };
}

export async function viewSite(tx: Tx, row: SiteRow): Promise<z.input<typeof siteBrief>> {
  const nameOf = await institutionNames(tx, [row.laboratoryId]);
  return {
    id: row.id,
    name: siteName(row),
    place: row.place,
    feverPlace: row.feverPlace,
    poolSize: row.poolSize,
    purpose: row.purpose,
    laboratory: nameOf(row.laboratoryId),
  };
}

/** What is read back: the name and the last four characters of the card, or of the telephone without one. */
export function viewPerson(vault: Vault, row: PersonRow): z.input<typeof personToSample> {
  const card = row.idCipher ? vault.open(residentIdContext, row.idCipher) : null;
  const phone = !card && row.phoneCipher ? vault.open(phoneContext, row.phoneCipher) : null;
  return {
    registrationId: row.registrationId,
    code: row.code,
    name: row.name ?? "",
    lastFour: (card ?? phone ?? "").slice(-4),
    lastFourOf: card ? "id" : phone ? "phone" : "none",
    purpose: row.purpose,
    priority: row.priority,
    state: row.state,
    expectedAt: iso(row.expectedAt),
    single: row.recallSingle === true || row.purpose === "fever" || row.fever,
    fever: row.fever || row.purpose === "fever",
    recalled: row.recallSingle !== null,
  };
}

export function viewTube(row: TubeRow): z.input<typeof tubeView> {
  return {
    code: row.code,
    size: row.size,
    state: row.state,
    purpose: row.purpose,
    count: row.count,
    sealedAt: isoOrNull(row.sealedAt),
    labDueAt: isoOrNull(row.labDueAt),
    members: row.members.map((member) => ({ ...member, sampledAt: iso(member.sampledAt) })),
  };
}
