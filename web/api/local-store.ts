/**
 * What this device keeps when the line is lost: unsent drafts per person, the last opinions a patient
 * has read. One IndexedDB store of plain values; where it is refused (a private window) nothing is
 * kept and the page still works.
 */
const databaseName = "yilian";
const storeName = "kept";

let opening: Promise<IDBDatabase | null> | null = null;

function open(): Promise<IDBDatabase | null> {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open(databaseName, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(storeName);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
      request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function run<Value>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value | undefined> {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    const request = act(database.transaction(storeName, mode).objectStore(storeName));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(undefined);
  });
}

export const localStore = {
  read: async <Value>(key: string) =>
    (await run("readonly", (store) => store.get(key))) as Value | undefined,
  /** @returns whether the value is really kept */
  write: async (key: string, value: unknown) =>
    (await run("readwrite", (store) => store.put(value, key))) !== undefined,
  remove: async (key: string) => {
    await run("readwrite", (store) => store.delete(key));
  },
  /** Forgets everything whose key begins so; used when a patient signs out of a phone. */
  removeAll: async (prefix: string) => {
    await run("readwrite", (store) => store.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  },
};
