/** `npm run audit:verify`: recompute the audit chain of a database and say where it breaks. */
import { verifyChain } from "../server/audit/service.ts";
import { createDatabase } from "../server/db/client.ts";

const url = process.env.DATABASE_URL;
if (!url) {
  console.error(
    "DATABASE_URL is missing: write the application role's address, as for the server.",
  );
  process.exit(2);
}
const db = createDatabase(url, 1);
const result = await db.withActor({ kind: "job", task: "audit:verify", language: "zh-CN" }, (tx) =>
  verifyChain(tx),
);
await db.close();
console.log(`${result.checked} events verified, ${result.unchained} not chained yet.`);
if (result.brokenAt !== null) {
  console.log(`The chain breaks at position ${result.brokenAt}: an event was changed or removed.`);
  process.exit(1);
}
