/** Brings the database to the newest schema, in a process of its own that is gone afterwards. */
import { migrate } from "../../server/db/migrate.ts";
import { migrateStores } from "../../server/fhir/store/migrate.ts";

const { MIGRATION_DATABASE_URL: ownerUrl, JOBS_DATABASE_URL: jobsUrl } = process.env;
if (!ownerUrl || !jobsUrl)
  throw new Error("MIGRATION_DATABASE_URL and JOBS_DATABASE_URL are needed");
try {
  await migrate({ ownerUrl, jobsUrl, log: console.log });
  await migrateStores(ownerUrl);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
