import { createVault } from "./crypto/vault.ts";
import { createDatabase } from "./db/client.ts";
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
}): Services {
  const { secrets } = options;
  return {
    db: createDatabase(options.databaseUrl, options.poolSize),
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
