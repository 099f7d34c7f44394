/** The roles of the application and their databases; repeated at each start, so it repairs itself. */
import postgres from "postgres";

export const OWNER_ROLE = "yilian_owner";
export const APP_ROLE = "yilian_app";
export const JOBS_ROLE = "yilian_jobs";

export type RolePasswords = { readonly owner: string; readonly app: string; readonly jobs: string };

/** None is superuser, and none may go past a row policy: a superuser ignores even FORCE. */
export async function ensureRoles(adminUrl: string, passwords: RolePasswords): Promise<void> {
  await asAdmin(adminUrl, async (sql) => {
    const wanted = [
      { role: OWNER_ROLE, password: passwords.owner },
      { role: APP_ROLE, password: passwords.app },
      { role: JOBS_ROLE, password: passwords.jobs },
    ];
    const present = new Set(
      (await sql`select rolname from pg_roles`).map((row) => String(row.rolname)),
    );
    for (const { role, password } of wanted) {
      if (present.has(role)) continue;
      await sql.unsafe(
        `create role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
         password '${password.replaceAll("'", "''")}'`,
      );
    }
  });
}

/** Creates a database of the owner role that only our roles may connect to. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`not a database name: ${name}`);
  await asAdmin(adminUrl, async (sql) => {
    const present = await sql`select 1 from pg_database where datname = ${name}`;
    if (present.length === 0) await sql.unsafe(`create database ${name} owner ${OWNER_ROLE}`);
    await sql.unsafe(`revoke all on database ${name} from public`);
    await sql.unsafe(`grant connect on database ${name} to ${APP_ROLE}, ${JOBS_ROLE}`);
  });
}

async function asAdmin(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
