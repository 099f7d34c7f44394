import type { Problem } from "../../server/http/contract.ts";
import { i18n, t } from "../i18n/i18n.ts";

/** A refusal of the server, already in the reader's language, or the lack of a line. */
export class ApiError extends Error {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly correlationId: string;
  readonly errors: readonly { path: string; message: string }[];
  readonly params: Readonly<Record<string, unknown>>;

  constructor(problem: Partial<Problem> & { code: string; title: string; detail: string }) {
    super(problem.detail);
    this.name = "ApiError";
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.status = problem.status ?? 0;
    this.correlationId = problem.correlationId ?? "";
    this.errors = problem.errors ?? [];
    this.params = problem.params ?? {};
  }

  /** The request did not reach the server or its answer did not come back: the same write may be repeated. */
  get isLine(): boolean {
    return this.status === 0;
  }
}

/** A version-4 UUID, on pages without a secure context too. */
export function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

let csrfToken = "";
/** Kept from the answer of `GET /api/session`; every write carries it. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

let onSignedOut: () => void = () => {};
/** What the page does when the server says that nobody is signed in any more. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler;
}

const timeoutMilliseconds = 20_000;
/** A picture on a thin line takes its time. */
const fileTimeoutMilliseconds = 180_000;

/** Headers that an upload library needs to write as this page does. */
export function writeHeaders(key: string = uuid()): Record<string, string> {
  return { "x-csrf-token": csrfToken, "idempotency-key": key, "accept-language": i18n.locale };
}

async function send(
  method: string,
  path: string,
  body: unknown,
  key: string | undefined,
  signal?: AbortSignal,
) {
  const headers: Record<string, string> = {
    accept: "application/json",
    "accept-language": i18n.locale,
  };
  if (method !== "GET") Object.assign(headers, writeHeaders(key));
  const file = body instanceof Blob ? body : null;
  if (body !== undefined) headers["content-type"] = file?.type ?? "application/json";
  const limit = AbortSignal.timeout(file ? fileTimeoutMilliseconds : timeoutMilliseconds);
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? null : (file ?? JSON.stringify(body)),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({
      code: "page.no-line",
      title: t("common.error.noLine"),
      detail: t("common.error.noLineDetail"),
    });
  }
}

async function readProblem(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  if (problem?.code) return new ApiError({ ...problem, status: response.status });
  return new ApiError({
    code: "page.unreadable",
    title: t("common.error.server"),
    detail: t("common.error.serverDetail"),
    status: response.status,
  });
}

async function renewCsrfToken(): Promise<void> {
  const response = await send("GET", "/api/session", undefined, undefined);
  const session = (await response.json()) as { csrfToken?: string };
  setCsrfToken(session.csrfToken ?? "");
}

async function request<Answer>(
  method: string,
  path: string,
  { body, key, signal }: { body?: unknown; key?: string; signal?: AbortSignal } = {},
): Promise<Answer> {
  let response = await send(method, path, body, key, signal);
  if (response.status === 403 && method !== "GET") {
    const problem = await readProblem(response);
    if (!problem.code.includes("csrf")) throw problem;
    await renewCsrfToken();
    response = await send(method, path, body, key, signal);
  }
  if (!response.ok) {
    const problem = await readProblem(response);
    if (response.status === 401) onSignedOut();
    throw problem;
  }
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

export const api = {
  /** A small file as it is; a large one goes in pieces (upload.ts). */
  postFile: <Answer>(path: string, file: Blob, key?: string) =>
    request<Answer>("POST", path, { body: file, key }),
  get: <Answer>(path: string, signal?: AbortSignal) => request<Answer>("GET", path, { signal }),
  post: <Answer>(path: string, body?: unknown, key?: string) =>
    request<Answer>("POST", path, { body: body ?? {}, key }),
  put: <Answer>(path: string, body: unknown, key?: string) =>
    request<Answer>("PUT", path, { body, key }),
  delete: <Answer>(path: string, key?: string) => request<Answer>("DELETE", path, { key }),
};

/** Any error as one that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: "page.failed",
    title: t("common.error.page"),
    detail: t("common.error.pageDetail"),
  });
}
