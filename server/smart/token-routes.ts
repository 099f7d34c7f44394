import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../http/context.ts";
import { exchangeCode, introspect, refresh, revoke, traceRefusal } from "./app-token-service.ts";
import * as contract from "./contract.ts";
import { OAuthError } from "./oauth-error.ts";
import type { SmartRoutesOptions } from "./routes.ts";
import { exchangeAssertion } from "./token-service.ts";

const bodyMax = 16_384;

/** Token, revocation and introspection endpoints: machines ask, with forms, and are told in OAuth's words. */
export async function tokenRoutes(scope: App, options: SmartRoutesOptions): Promise<void> {
  const { services } = options;
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: bodyMax },
    (_request, text, done) => {
      const pairs = [...new URLSearchParams(String(text))];
      const names = new Set(pairs.map(([name]) => name));
      // A parameter that comes twice is no request (RFC 6749, 3.2).
      done(null, names.size === pairs.length ? Object.fromEntries(pairs) : null);
    },
  );
  const endpoint = (url: string, answer: (request: FastifyRequest) => Promise<object>) =>
    scope.post(
      url,
      {
        schema: { hide: true },
        // Nobody's session counts here, and an app's page asks from an address of its own.
        config: {
          rateLimit: { max: 120, timeWindow: "1 minute" },
          ownSession: true,
          anyOrigin: true,
        },
      },
      async (request, reply) => {
        void reply.header("cache-control", "no-store").header("pragma", "no-cache");
        try {
          return await answer(request);
        } catch (error) {
          return refuse(request, reply, error);
        }
      },
    );
  const refuse = async (request: FastifyRequest, reply: FastifyReply, error: unknown) => {
    if (!(error instanceof OAuthError)) throw error;
    const said = (name: string) => {
      const value = (request.body as Record<string, unknown> | null)?.[name];
      return typeof value === "string" ? value : "";
    };
    await traceRefusal(services, request.traceOrigin, {
      client: said("client_id"),
      grant: said("grant_type"),
      error: error.code,
    });
    return reply
      .status(error.code === "invalid_client" ? 401 : 400)
      .send({ error: error.code, error_description: error.message });
  };

  endpoint("/auth/token", async (request) => {
    const body = contract.tokenBody.safeParse(request.body ?? {});
    if (!body.success) throw new OAuthError("invalid_request", "the body is no token request");
    const { data } = body;
    switch (data.grant_type) {
      case "client_credentials":
        return exchangeAssertion(services, data, request.traceOrigin);
      case "authorization_code":
        return exchangeCode(options, data, request.traceOrigin);
      case "refresh_token":
        return refresh(options, data, request.traceOrigin);
      default:
        throw new OAuthError("unsupported_grant_type");
    }
  });
  const tokenOf = (request: FastifyRequest) => {
    const body = contract.revokeBody.safeParse(request.body ?? {});
    if (!body.success) throw new OAuthError("invalid_request", "the body names no token");
    return body.data;
  };
  endpoint("/auth/revoke", async (request) => {
    await revoke(options, tokenOf(request), request.traceOrigin);
    return {};
  });
  endpoint("/auth/introspect", async (request) => introspect(options, tokenOf(request)));
}
