/** A FHIR server on loopback that does what a test tells it to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Partner = {
  /** Base address of its FHIR endpoint. */
  readonly base: string;
  readonly origin: string;
  /** What was asked, with the token that came along. */
  readonly asked: { url: string; method: string; token: string | null; body: string }[];
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  close: () => Promise<void>;
};

export async function startPartner(): Promise<Partner> {
  const asked: Partner["asked"] = [];
  let partner: Partner | undefined;
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      asked.push({
        url: request.url ?? "",
        method: request.method ?? "",
        token: request.headers.authorization ?? null,
        body,
      });
      partner?.answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  partner = {
    base: `${origin}/fhir`,
    origin,
    asked,
    answer: (_request, response) => response.writeHead(500).end(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return partner;
}

export function sendFhir(response: ServerResponse, value: unknown, status = 200): void {
  response
    .writeHead(status, { "content-type": "application/fhir+json; charset=utf-8" })
    .end(JSON.stringify(value));
}

export const searchset = (resources: readonly unknown[], next?: string) => ({
  resourceType: "Bundle",
  type: "searchset",
  ...(next ? { link: [{ relation: "next", url: next }] } : {}),
  ...(resources.length > 0 ? { entry: resources.map((resource) => ({ resource })) } : {}),
});
