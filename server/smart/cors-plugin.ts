import type { FastifyRequest } from "fastify";
import plugin from "fastify-plugin";

const fhir = /^\/(fhir|stores\/[^/?]+\/fhir)(\/|\?|$)/;
const endpoints = /^\/(fhir|stores\/[^/?]+\/fhir|auth\/(token|revoke|introspect))(\/|\?|$)/;
const readable = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers":
    "ETag, Location, Content-Location, Last-Modified, Retry-After, WWW-Authenticate, X-Progress",
};
const isOpen = /\/(metadata|\.well-known\/smart-configuration)(\?|$)|^\/auth\//;

/**
 * Apps in browsers ask from addresses of their own (SMART App Launch 2, "Considerations for CORS"). They may
 * read what a token or nothing at all gives, and why they were refused; a cookie of ours never comes along,
 * because no credentials are allowed. Whoever is nobody at a FHIR address is told how one signs in there
 * (RFC 6750, 3).
 */
export const corsPlugin = plugin(
  async (app) => {
    app.addHook("onRequest", async (request, reply) => {
      if (!endpoints.test(request.url) || request.headers.origin === undefined) return undefined;
      const asksFirst =
        request.method === "OPTIONS" &&
        request.headers["access-control-request-method"] !== undefined;
      if (!asksFirst && !carriesToken(request) && !isOpen.test(request.url)) return undefined;
      void reply.headers(readable);
      if (!asksFirst) return undefined;
      return reply
        .header("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE")
        .header(
          "access-control-allow-headers",
          "authorization, content-type, accept, accept-language, prefer, if-match, if-none-match, if-none-exist, if-modified-since, x-purpose-of-use",
        )
        .header("access-control-max-age", "600")
        .status(204)
        .send();
    });
    app.addHook("onSend", async (request, reply) => {
      if (reply.statusCode !== 401 || !fhir.test(request.url)) return;
      void reply.header(
        "www-authenticate",
        carriesToken(request) ? 'Bearer error="invalid_token"' : "Bearer",
      );
      if (request.headers.origin !== undefined) void reply.headers(readable);
    });
  },
  { name: "smart-cors" },
);

const carriesToken = ({ headers }: FastifyRequest) =>
  /^Bearer ./i.test(headers.authorization ?? "");
