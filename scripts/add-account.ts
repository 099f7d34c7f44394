/**
 * `npm run account:add -- --login NAME --person "姓名" --institution SLUG --role CODE`: the first
 * accounts of an installation without demo data. `--institution-name` makes the institution when
 * it is not there yet. Prints a password once; the account may do nothing before its second factor.
 */
import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import { createDatabase } from "../server/db/client.ts";
import { institution, institutionName } from "../server/directory/schema.ts";
import { role } from "../server/identity/schema.ts";
import { addAccount } from "../server/identity/service.ts";

const { values } = parseArgs({
  options: {
    login: { type: "string" },
    person: { type: "string" },
    institution: { type: "string" },
    "institution-name": { type: "string" },
    role: { type: "string" },
  },
});
const { login, person: name, institution: slug, role: roleCode } = values;
const url = process.env.DATABASE_URL;
if (!url || !login || !name || !slug || !roleCode) {
  console.error(
    'Write DATABASE_URL=… npm run account:add -- --login NAME --person "姓名" --institution SLUG --role CODE, and --institution-name "…" for a new institution.',
  );
  process.exit(2);
}

const db = createDatabase(url, 1);
try {
  const { password } = await db.withActor(
    { kind: "system", reason: "account:add", language: "zh-CN" },
    async (tx) => {
      const roles = (await tx.select({ code: role.code }).from(role)).map((row) => row.code);
      if (!roles.includes(roleCode)) {
        throw new Error(`There is no role "${roleCode}": write one of ${roles.join(", ")}.`);
      }
      let [place] = await tx.select().from(institution).where(eq(institution.slug, slug));
      if (!place && values["institution-name"]) {
        [place] = await tx
          .insert(institution)
          .values({ slug, kind: "hospital", level: "secondary" })
          .returning();
        await tx.insert(institutionName).values({
          institutionId: place!.id,
          language: "zh-CN",
          name: values["institution-name"],
        });
      }
      if (!place) {
        throw new Error(`There is no institution "${slug}": add --institution-name to make it.`);
      }
      return addAccount(tx, { loginName: login, name, institutionId: place.id, roleCode });
    },
  );
  console.log(
    `${login} may sign in with the password ${password} and then sets up a second factor.`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await db.close();
}
