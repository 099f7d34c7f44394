/** Where somebody says he is: a street, a town, an institution. Nobody's position is ever asked of a phone. */
import { asc, eq, isNotNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { Position } from "./domain.ts";
import { findInstitutions } from "./repository.ts";
import { institution, locality } from "./schema.ts";

type Names = { zh: string; en: string | null; bo: string | null };
export type Whereabouts = { id: string; area: Names; name: Names };

const ofLocality = "l:";
const ofInstitution = "i:";

/** Everything that can be named, localities first. */
export async function listWhereabouts(tx: Tx): Promise<Whereabouts[]> {
  const localities = await tx.select().from(locality).orderBy(asc(locality.code));
  const placed = await tx
    .select({ id: institution.id })
    .from(institution)
    .where(isNotNull(institution.latitude));
  const institutions = await findInstitutions(
    tx,
    placed.map((one) => one.id),
  );
  return [
    ...localities.map((one) => ({
      id: `${ofLocality}${one.code}`,
      area: { zh: one.areaZh, en: one.areaEn, bo: one.areaBo },
      name: { zh: one.nameZh, en: one.nameEn, bo: one.nameBo },
    })),
    ...institutions.map((one) => ({
      id: `${ofInstitution}${one.id}`,
      area: { zh: "医疗机构", en: "Institutions", bo: "སྨན་བཅོས་ལས་ཁུངས།" },
      name: { zh: one.name, en: one.nameEn, bo: one.nameBo },
    })),
  ];
}

/** Where that is; null for what is not known, or has no coordinates. */
export async function positionOf(tx: Tx, id: string): Promise<Position | null> {
  if (id.startsWith(ofLocality)) {
    const [found] = await tx
      .select({ latitude: locality.latitude, longitude: locality.longitude })
      .from(locality)
      .where(eq(locality.code, id.slice(ofLocality.length)));
    return found ?? null;
  }
  if (!/^i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(id)) return null;
  const [found] = await tx
    .select({ latitude: institution.latitude, longitude: institution.longitude })
    .from(institution)
    .where(eq(institution.id, id.slice(ofInstitution.length)));
  return found && found.latitude !== null && found.longitude !== null
    ? { latitude: found.latitude, longitude: found.longitude }
    : null;
}
