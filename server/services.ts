import { createVault } from "./crypto/vault.ts";
import { createDatabase } from "./db/client.ts";
import { createRecordStores } from "./fhir/service.ts";
import type { Services } from "./http/context.ts";
import type { Secrets } from "./secrets.ts";

/** The services that every capability is given, from an address and the installation's secrets. */
export function createServices(options: {
  databaseUrl: string;
  secrets: Secrets;
  demo: boolean;
  publicUrl: string;
  clock?: () => Date;
  poolSize?: number;
  /** Address of a record store's database by its name; default: beside the alliance's own. */
  recordStoreUrl?: (database: string) => Promise<string>;
}): Services {
  const { secrets } = options;
  const alliance = createDatabase(options.databaseUrl, options.poolSize);
  const records = createRecordStores(
    alliance,
    options.recordStoreUrl ?? (async (name) => besideOf(options.databaseUrl, name)),
  );
  return {
    db: {
      ...alliance,
      close: async () => {
        await records.close();
        await alliance.close();
      },
    },
    records,
    vault: createVault({
      dataKeys: Object.fromEntries(
        Object.entries(secrets.dataKeys).map(([id, key]) => [id, Buffer.from(key, "base64")]),
      ),
      currentDataKeyId: secrets.currentDataKeyId,
      blindIndexKey: Buffer.from(secrets.blindIndexKey, "base64"),
    }),
    clock: options.clock ?? (() => new Date()),
    demo: options.demo,
    publicUrl: options.publicUrl,
  };
}

/** The same server, role and options, another database. */
function besideOf(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}
