import { type PublicJwk, publicJwkOf, thumbprint } from "./jws.ts";

/**
 * The signer's own key. It is made here as non-extractable, lives in this browser's IndexedDB as a
 * handle and never leaves it: neither this page nor the server can read its private half.
 */
export type SigningKey = { kid: string; privateKey: CryptoKey; publicJwk: PublicJwk };

type Kept = SigningKey & { personId: string };
const databaseName = "yilian-signing";
const storeName = "keys";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(storeName, { keyPath: "personId" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("indexedDB"));
  });
}

async function run<Value>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await open();
  try {
    return await new Promise<Value>((resolve, reject) => {
      const request = act(database.transaction(storeName, mode).objectStore(storeName));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("indexedDB"));
    });
  } finally {
    database.close();
  }
}

/** The key that this person has in this browser. */
export async function readKey(personId: string): Promise<SigningKey | null> {
  return ((await run("readonly", (store) => store.get(personId))) as Kept | undefined) ?? null;
}

/** Makes a key pair; it counts only after {@link keepKey} and its registration. */
export async function makeKey(): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const publicJwk = await publicJwkOf(pair.publicKey);
  return { kid: await thumbprint(publicJwk), privateKey: pair.privateKey, publicJwk };
}

export async function keepKey(personId: string, key: SigningKey): Promise<void> {
  await run("readwrite", (store) => store.put({ ...key, personId } satisfies Kept));
}

export async function forgetKey(personId: string): Promise<void> {
  await run("readwrite", (store) => store.delete(personId));
}
