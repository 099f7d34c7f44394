import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { SiteView } from "./contract.ts";
import { currentPolicy, entryOf } from "./policy-service.ts";
import type { SiteRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** Fever clinics and sentinel rooms with where one enters. No secret: anybody may need to know. */
export async function viewSites(tx: Tx, rows: readonly SiteRow[], now: Date): Promise<SiteView[]> {
  const entries = new Map<string, SiteView["entry"]>();
  for (const region of new Set(rows.map((row) => row.region)))
    entries.set(region, entryOf(await currentPolicy(tx, region, now)));
  const institutions = await findInstitutions(
    tx,
    rows.map((row) => row.institutionId),
  );
  const departments = await repository.findFeverDepartments(tx);
  return rows.map((row) => {
    const place = institutions.find((one) => one.id === row.institutionId);
    return {
      institutionId: row.institutionId,
      kind: row.kind,
      name: {
        zh: place?.name ?? "",
        en: place?.nameEn ?? null,
        bo: place?.nameBo ?? null,
      },
      entrance: { zh: row.entranceZh, en: row.entranceEn, bo: row.entranceBo },
      address: place?.address ?? null,
      phone: row.phone ?? place?.phone ?? null,
      departmentId: departments.get(row.institutionId) ?? null,
      entry: entries.get(row.region) ?? [],
    };
  });
}

export async function listSites(
  { tx, now }: { tx: Tx; now: Date },
  institutionId: string | null,
): Promise<{ sites: SiteView[] }> {
  const rows = await repository.findSites(tx, institutionId ? [institutionId] : undefined);
  return { sites: await viewSites(tx, rows, now) };
}

/** @throws DomainError `fever.no-site` where nobody feverish is received */
export async function requireSite(tx: Tx, institutionId: string): Promise<SiteRow> {
  const site = await repository.findSite(tx, institutionId);
  if (!site) throw new DomainError("fever.no-site");
  return site;
}
