/** Asks our own processes over loopback how they are. */
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";

const ANSWER_TIMEOUT_MS = 5_000;

export type Answer = { readonly status: number; readonly body: string };

/** @returns undefined when nobody answers */
export function ask(address: string): Promise<Answer | undefined> {
  const url = new URL(address);
  return new Promise((resolve) => {
    const options = {
      timeout: ANSWER_TIMEOUT_MS,
      // Our own process on loopback: its certificate need not name 127.0.0.1.
      rejectUnauthorized: false,
    };
    const get = url.protocol === "https:" ? getHttps : getHttp;
    const request = get(url, options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", () => resolve(undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}
