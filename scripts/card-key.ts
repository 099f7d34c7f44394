/**
 * `npm run cards:key -- list | rotate | revoke KID`: the keys that sign cards and paper codes. `rotate`
 * makes a new one (also where the old one cannot be opened any more); what was signed still verifies.
 * `revoke` is for a key in wrong hands: nothing that it ever signed counts any more.
 */
import { listCardKeys, revokeCardKey, rotateCardKey } from "../server/cards/service.ts";
import { parseConfig } from "../server/config.ts";
import { loadSecrets } from "../server/secrets.ts";
import { createServices } from "../server/services.ts";

const [action = "", kid = ""] = process.argv.slice(2);
const config = parseConfig(process.env);
if (
  !config.databaseUrl ||
  !/^(list|rotate|revoke)$/.test(action) ||
  (action === "revoke" && !kid)
) {
  console.error(
    "Write DATABASE_URL=… DATA_DIR=… npm run cards:key -- list, rotate, or revoke KID: the application role's address and the server's own data folder.",
  );
  process.exit(2);
}
const services = createServices({
  databaseUrl: config.databaseUrl,
  secrets: loadSecrets(config.dataDir),
  demo: config.demo,
  publicUrl: config.publicUrl,
  poolSize: 1,
});
try {
  if (action === "rotate") console.log(`${await rotateCardKey(services)} signs from now on.`);
  if (action === "revoke") {
    if (await revokeCardKey(services, kid)) console.log(`${kid} is revoked.`);
    else {
      console.error(`There is no key ${kid}, or it is revoked already.`);
      process.exitCode = 1;
    }
  }
  for (const key of await listCardKeys(services)) {
    const state = key.revokedAt ? "revoked" : key.retiredAt ? "retired" : "signs";
    console.log(`${key.kid}  ${state.padEnd(7)}  since ${key.activeFrom.toISOString()}`);
  }
} finally {
  await services.db.close();
}
