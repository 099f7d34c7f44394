import { isDeepStrictEqual } from "node:util";
import { DomainError } from "../../../errors/domain-error.ts";
import { carryExact, copyExact } from "../json.ts";

type Container = Record<string, unknown> | unknown[];
const operations = ["add", "remove", "replace", "move", "copy", "test"] as const;
const operationsMax = 1000;

/**
 * Apply a JSON Patch (RFC 6902) to a copy of a document: all operations or none.
 * @throws DomainError `fhir.request` when it is no patch, `fhir.patch` when it cannot be applied
 */
export function applyJsonPatch<Document>(document: Document, patch: unknown): Document {
  if (!Array.isArray(patch) || patch.length > operationsMax)
    throw new DomainError("fhir.request", { reason: "a JSON Patch is a list of operations" });
  const root = { document: copyExact(document) as unknown };
  patch.forEach((raw: unknown, index) => {
    const step = raw as { op?: unknown; path?: unknown; from?: unknown; value?: unknown } | null;
    const op = operations.find((one) => one === step?.op);
    if (!step || !op || typeof step.path !== "string")
      throw new DomainError("fhir.request", {
        reason: `operation ${index} is not one of RFC 6902`,
      });
    if (op !== "remove" && op !== "move" && op !== "copy" && !("value" in step))
      throw new DomainError("fhir.request", { reason: `operation ${index} has no value` });
    const path = tokensOf(step.path, index);
    switch (op) {
      case "add":
        add(root, path, copyExact(step.value), index);
        carryTo(root, path, step);
        break;
      case "remove":
        remove(root, path, index);
        break;
      case "replace":
        get(root, path, index);
        set(root, path, copyExact(step.value), index);
        carryTo(root, path, step);
        break;
      case "test":
        if (!isDeepStrictEqual(get(root, path, index), step.value)) fail(index, "the test fails");
        break;
      default: {
        if (typeof step.from !== "string") throw noFrom(index);
        const from = tokensOf(step.from, index);
        if (op === "move" && step.path.startsWith(`${step.from}/`))
          fail(index, "it moves a value into itself");
        const value = op === "move" ? remove(root, from, index) : get(root, from, index);
        add(root, path, copyExact(value), index);
      }
    }
  });
  return root.document as Document;
}

/** A decimal keeps its digits where it goes. */
function carryTo(root: Container, path: readonly string[], step: object): void {
  let holder: unknown = root;
  for (const token of path.slice(0, -1)) holder = (holder as Record<string, unknown>)[token];
  if (!Array.isArray(holder)) carryExact(step, "value", holder as object, path.at(-1)!);
}

const noFrom = (index: number) =>
  new DomainError("fhir.request", { reason: `operation ${index} has no from` });

function fail(index: number, why: string): never {
  throw new DomainError("fhir.patch", { reason: `operation ${index}: ${why}` });
}

/** A JSON pointer (RFC 6901) below the holder that has the document under its own name. */
function tokensOf(pointer: string, index: number): string[] {
  if (pointer !== "" && !pointer.startsWith("/")) fail(index, "its path is no JSON pointer");
  const tokens = pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (tokens.includes("__proto__")) fail(index, "its path does not exist");
  return ["document", ...tokens];
}

function holderOf(root: Container, path: readonly string[], index: number): Container {
  let current: unknown = root;
  for (const token of path.slice(0, -1)) current = child(current, token, index);
  if (typeof current !== "object" || current === null) fail(index, "its path does not exist");
  return current as Container;
}

function child(holder: unknown, token: string, index: number): unknown {
  if (Array.isArray(holder)) return holder[position(holder, token, index, holder.length - 1)];
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, token))
    fail(index, "its path does not exist");
  return (holder as Record<string, unknown>)[token];
}

function position(list: unknown[], token: string, index: number, last: number): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(token) || Number(token) > last)
    fail(index, `there is no item ${list.length > 0 ? "at that place" : "in the empty list"}`);
  return Number(token);
}

function get(root: Container, path: readonly string[], index: number): unknown {
  return child(holderOf(root, path, index), path.at(-1)!, index);
}

function set(root: Container, path: readonly string[], value: unknown, index: number): void {
  const holder = holderOf(root, path, index);
  const token = path.at(-1)!;
  if (Array.isArray(holder)) holder[position(holder, token, index, holder.length - 1)] = value;
  else holder[token] = value;
}

function add(root: Container, path: readonly string[], value: unknown, index: number): void {
  const holder = holderOf(root, path, index);
  const token = path.at(-1)!;
  if (!Array.isArray(holder)) {
    holder[token] = value;
    return;
  }
  const at = token === "-" ? holder.length : position(holder, token, index, holder.length);
  holder.splice(at, 0, value);
}

function remove(root: Container, path: readonly string[], index: number): unknown {
  const value = get(root, path, index);
  const holder = holderOf(root, path, index);
  const token = path.at(-1)!;
  if (path.length === 1) fail(index, "it removes the whole resource");
  if (Array.isArray(holder)) holder.splice(Number(token), 1);
  else delete holder[token];
  return value;
}
