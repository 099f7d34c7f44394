import postgres from "postgres";

/** A house of the demo keeps no records here, as one that is outside or has its store only later. */
export async function takeStoreAway(databaseUrl: string, slug: string): Promise<void> {
  const owner = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const [house] = await owner<{ id: string }[]>`select id from institution where slug = ${slug}`;
  const { id } = house!;
  await owner.begin(async (tx) => {
    await tx`delete from record_location where institution_id = ${id}`;
    await tx`delete from record_index_state where institution_id = ${id}`;
    await tx`delete from record_projection where institution_id = ${id}`;
    await tx`delete from record_store where institution_id = ${id}`;
  });
  await owner.end();
}
