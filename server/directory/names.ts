/** Names in the other languages: of houses, departments, clinics, testing sites, and titles. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import { line, uuid } from "../http/contract.ts";
import type { StaffActor } from "../identity/domain.ts";

export const namedKinds = ["institution", "department", "clinic", "site", "title"] as const;
export type NamedKind = (typeof namedKinds)[number];

const inWords = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const named = z.object({
  kind: z.enum(namedKinds),
  id: uuid,
  /** Whose it is, as it is called here. */
  house: z.string(),
  /** Who, for a title. */
  person: z.string().nullable(),
  name: inWords,
  /** Where to go; null for what has no place. */
  place: inWords.nullable(),
  /** Where feverish people are led from a testing site. */
  feverPlace: inWords.nullable(),
});
export const nameList = z.object({ names: z.array(named) });
export type NameList = z.infer<typeof nameList>;
const given = line(200).nullable().default(null);
export const nameBody = z
  .object({ en: given, bo: given, placeEn: given, placeBo: given, feverEn: given, feverBo: given })
  .strict();

type Row = {
  kind: NamedKind;
  id: string;
  house: string;
  person: string | null;
  zh: string;
  en: string | null;
  bo: string | null;
  place_zh: string | null;
  place_en: string | null;
  place_bo: string | null;
  fever_zh: string | null;
  fever_en: string | null;
  fever_bo: string | null;
};

/** Everything with a name in the own house and its alliances. @throws DomainError `permission.denied` */
export async function listNames({
  tx,
  actor,
}: Work<StaffActor>): Promise<z.input<typeof nameList>> {
  assertPermission(actor, "directory.manage");
  const none = sql`null::text, null::text, null::text`;
  const first = (language: string) =>
    sql`(select n.name from institution_name n where n.institution_id = i.id and n.language = ${language} order by n.position limit 1)`;
  const rows = await tx.execute<Row>(sql`
    with house as (select i.id, i.slug, coalesce(${first("zh-CN")}, i.slug) as zh, ${first("en")} as en, ${first("bo")} as bo
      from institution i where app.names_of(i.id))
    select * from (
      select 1 as part, 'institution' as kind, h.id, h.zh as house, null::text as person, h.zh, h.en, h.bo, null::text as place_zh, null::text as place_en,
        null::text as place_bo, null::text as fever_zh, null::text as fever_en, null::text as fever_bo from house h
      union all select 2, 'department', d.id, h.zh, null, d.name, d.name_en, d.name_bo, ${none}, ${none} from department d join house h on h.id = d.institution_id
      union all select 3, 'clinic', c.id, h.zh, null, c.name_zh, c.name_en, c.name_bo, c.place, c.place_en, c.place_bo, ${none}
        from clinic_schedule c join house h on h.id = c.institution_id where c.active
      union all select 4, 'site', s.id, h.zh, null, s.name_zh, s.name_en, s.name_bo, s.place, s.place_en, s.place_bo, s.fever_place, s.fever_place_en, s.fever_place_bo
        from sampling_site s join house h on h.id = s.institution_id where s.order_id is null
      union all select distinct on (p.person_id) 5, 'title', p.person_id, h.zh, n.name, p.title, p.title_en, p.title_bo, ${none}, ${none}
        from practitioner p join practitioner_post o on o.person_id = p.person_id join house h on h.id = o.institution_id join person n on n.id = p.person_id
    ) x order by house, part, zh, person limit 2000`);
  return {
    names: rows.map((row) => ({
      kind: row.kind,
      id: row.id,
      house: row.house,
      person: row.person,
      name: { zh: row.zh, en: row.en, bo: row.bo },
      place:
        row.place_zh === null ? null : { zh: row.place_zh, en: row.place_en, bo: row.place_bo },
      feverPlace:
        row.fever_zh === null ? null : { zh: row.fever_zh, en: row.fever_en, bo: row.fever_bo },
    })),
  };
}

/**
 * Mend them. The Chinese name is the official one and stays; null takes a name away, then the Chinese one is shown.
 * @throws DomainError `permission.denied`, `request.not-found` for what is another alliance's
 */
export async function setNames(
  { tx, actor, origin }: Work<StaffActor>,
  kind: NamedKind,
  id: string,
  body: z.output<typeof nameBody>,
): Promise<{ ok: true }> {
  assertPermission(actor, "directory.manage");
  const { en, bo, placeEn, placeBo, feverEn, feverBo } = body;
  const [row] = await tx.execute<{ house: string | null }>(
    sql`select app.set_names(${kind}, ${id}, ${en}, ${bo}, ${placeEn}, ${placeBo}, ${feverEn}, ${feverBo}) as house`,
  );
  if (!row?.house) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "directory.names",
    entityType: kind,
    entityId: id,
    detail: { kind },
  });
  return { ok: true };
}
