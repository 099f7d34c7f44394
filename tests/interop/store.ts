/**
 * Every transaction of the folder imported and every valid resource stored, in a record store on a
 * PostgreSQL of its own, and read back equal; then the totals of each type.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startEmbedded } from "../../server/db/embedded.ts";
import { type Endpoint, getAnswer } from "../../server/fhir/rest/get.ts";
import { operationOf } from "../../server/fhir/rest/write.ts";
import { openStoreDatabase } from "../../server/fhir/store/database.ts";
import { parseJson } from "../../server/fhir/store/json.ts";
import { migrateStore } from "../../server/fhir/store/migrate.ts";
import type { Operation } from "../../server/fhir/store/operation.ts";
import type { FhirResource } from "../../server/fhir/store/resource.ts";
import { validateResource } from "../../server/fhir/store/search-seam.ts";
import { createRecordStore } from "../../server/fhir/store/service.ts";
import { generateSecrets } from "../../server/secrets.ts";
import type { InteropFile, InteropPart } from "./part.ts";

type Log = (line: string) => void;
type Entry = { fullUrl?: string; resource: FhirResource; request: { method: "POST"; url: string } };

export const part: InteropPart = {
  name: "record store",
  run: async (files, log) => {
    const folder = mkdtempSync(join(tmpdir(), "yilian-interop-"));
    chmodSync(folder, 0o711);
    const cluster = await startEmbedded({
      dataDir: folder,
      secrets: generateSecrets(),
      fast: true,
    });
    try {
      const urls = await cluster.createDatabase("yilian_records_interop");
      await migrateStore(urls.owner);
      const database = openStoreDatabase(urls.app);
      try {
        return await tryAll(endpointOn(createRecordStore(database)), files, log);
      } finally {
        await database.close();
      }
    } finally {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function endpointOn(store: Endpoint["store"]): Endpoint {
  const tenant = randomUUID();
  return {
    store,
    context: {
      caller: {
        kind: "client",
        actor: "interop",
        name: null,
        institution: tenant,
        purpose: "operations",
        reason: null,
        scopes: null,
        mayWrite: true,
        correlationId: "interop",
        address: null,
      },
      tenant,
      at: new Date("2026-11-23T02:00:00Z"),
      base: "http://localhost/fhir",
    },
  };
}

async function tryAll(endpoint: Endpoint, files: readonly InteropFile[], log: Log) {
  const outcome = { passed: 0, failed: 0 };
  const held = new Map<string, Set<string>>();
  const note = (type: string, id: string) => held.set(type, (held.get(type) ?? new Set()).add(id));
  const say = (name: string, problem: string | null) => {
    outcome[problem ? "failed" : "passed"] += 1;
    if (problem) log(`${name}: ${problem}`);
  };
  let imported = 0;
  let milliseconds = 0;
  for (const file of files) {
    try {
      const resource = parseJson(file.text) as FhirResource & { type?: string; entry?: Entry[] };
      if (resource.resourceType === "Bundle" && resource.type === "transaction" && !resource.id) {
        const started = performance.now();
        const problem = await importBundle(endpoint, resource.entry ?? [], file.text, note);
        milliseconds += performance.now() - started;
        imported += resource.entry?.length ?? 0;
        say(file.name, problem);
      } else if (!validateResource(resource).some((issue) => issue.severity === "error")) {
        say(
          file.name,
          resource.resourceType === "Subscription"
            ? await isRefused(endpoint, resource)
            : await keep(endpoint, resource, file.text, note),
        );
      }
    } catch (error) {
      say(
        file.name,
        error instanceof Error
          ? JSON.stringify({ ...error, message: error.message }).slice(0, 500)
          : String(error),
      );
    }
  }
  for (const [type, ids] of held) {
    const answer = await getAnswer(endpoint, [type], [["_summary", "count"]]);
    const { total } = JSON.parse(answer.text ?? "{}") as { total?: number };
    say(`total of ${type}`, total === ids.size ? null : `${total} instead of ${ids.size}`);
  }
  if (imported > 0)
    log(
      `${imported} resources in transactions, ${Math.round((imported * 1000) / milliseconds)} a second with reading back`,
    );
  return outcome;
}

type Note = (type: string, id: string) => void;

/** @returns what is wrong, or null */
async function importBundle(endpoint: Endpoint, entries: Entry[], text: string, note: Note) {
  const operations: Operation[] = entries.map((entry) =>
    operationOf({
      method: entry.request.method,
      type: entry.request.url,
      id: null,
      query: "",
      body: entry.resource,
      fullUrl: entry.fullUrl,
    }),
  );
  const results = await endpoint.store.write(endpoint.context, "transaction", operations);
  let expected = text;
  results.forEach((result, index) => {
    const { fullUrl } = entries[index]!;
    if (fullUrl) expected = expected.replaceAll(fullUrl, `${result.type}/${result.id}`);
  });
  const sent = (JSON.parse(expected) as { entry: Entry[] }).entry;
  for (const [index, { type, id }] of results.entries()) {
    note(type, id!);
    if (!(await isHeld(endpoint, type, id!, sent[index]!.resource)))
      return `${type} ${index} is not what was sent`;
  }
  return null;
}

async function keep(endpoint: Endpoint, resource: FhirResource, text: string, note: Note) {
  const { resourceType: type, id } = resource;
  const [result] = await endpoint.store.write(endpoint.context, "import", [
    operationOf({ method: id ? "PUT" : "POST", type, id: id ?? null, query: "", body: resource }),
  ]);
  note(type, result!.id!);
  const same = await isHeld(endpoint, type, result!.id!, JSON.parse(text) as FhirResource);
  return same ? null : "is not what was sent";
}

/** What is told to whom is agreed at its own address, with a topic of ours: it is never taken with others. */
async function isRefused(endpoint: Endpoint, body: FhirResource): Promise<string | null> {
  const operation = operationOf({
    method: "POST",
    type: "Subscription",
    id: null,
    query: "",
    body,
  });
  return await endpoint.store.write(endpoint.context, "import", [operation]).then(
    () => "is taken without being agreed",
    (error: { code?: string }) => (error.code === "fhir.request" ? null : String(error)),
  );
}

/** Equal but for id, version and time, which the store gives. */
async function isHeld(endpoint: Endpoint, type: string, id: string, sent: FhirResource) {
  const found = await endpoint.store.read(endpoint.context, type, id);
  if (found.status !== "ok") return false;
  return isDeepStrictEqual(comparable(JSON.parse(found.text)), comparable(sent));
}

function comparable(resource: FhirResource): unknown {
  const { id: _id, meta, ...rest } = resource;
  const {
    versionId: _version,
    lastUpdated: _at,
    ...kept
  } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, meta: kept };
}
