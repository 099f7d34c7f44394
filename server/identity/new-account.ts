import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { hashPassword } from "./staff-service.ts";

export type NewAccount = {
  loginName: string;
  name: string;
  institutionId: string;
  roleCode: string;
};

/**
 * A person with an account and one role. The password is told once, here; before a second factor is set
 * up the account may do nothing else. The database lets set-up make any, and staff only what is theirs to make.
 * @throws DomainError `account.login-taken`, `permission.denied` (both from the database)
 */
export async function addAccount(
  tx: Tx,
  account: NewAccount,
): Promise<{ personId: string; password: string }> {
  const password = randomBytes(9).toString("base64url");
  const hash = await hashPassword(password);
  const [made] = await tx.execute<{ id: string }>(
    sql`select app.add_account(${account.loginName}, ${hash}, ${account.name}, ${account.institutionId}, ${account.roleCode}) as id`,
  );
  return { personId: made!.id, password };
}
