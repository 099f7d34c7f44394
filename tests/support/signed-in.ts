/** A demo person without a browser: signed in, speaking to the running server as pages do. */
import { randomUUID } from "node:crypto";
import { type APIRequestContext, request } from "@playwright/test";
import type { Stack } from "./stack.ts";

export type SignedIn = {
  get<Answer>(path: string): Promise<Answer>;
  /** What is not JSON: lines, tables. */
  text(path: string): Promise<string>;
  /** @throws when the server refuses */
  send<Answer>(method: "POST" | "PUT", path: string, body: unknown): Promise<Answer>;
  close(): Promise<void>;
};

/** @param who a login name, or the number of a patient's phone */
export async function signedIn(stack: Stack, who: string): Promise<SignedIn> {
  const context = await request.newContext({ baseURL: stack.url });
  const account = /^\d+$/.test(who) ? { phone: who } : { loginName: who };
  await read(await context.post("/api/session/demo", { data: account }), "sign-in");
  const session = await context.get("/api/session");
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  return {
    get: async (path) => read(await context.get(path), path),
    text: async (path) => (await context.get(path)).text(),
    send: async (method, path, body) =>
      read(
        await context.fetch(path, {
          method,
          data: body,
          headers: { "x-csrf-token": csrfToken, "idempotency-key": randomUUID() },
        }),
        path,
      ),
    close: () => context.dispose(),
  };
}

async function read<Answer>(
  answer: Awaited<ReturnType<APIRequestContext["get"]>>,
  path: string,
): Promise<Answer> {
  const text = await answer.text();
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${text}`);
  return (text ? JSON.parse(text) : undefined) as Answer;
}
