import type { FastifyRequest } from "fastify";
import type { Services } from "../http/context.ts";
import { type AccessToken, readToken } from "./token.ts";

export { type AppAccess, appOf } from "./app-access.ts";
export { corsPlugin } from "./cors-plugin.ts";
export { type Interaction, permits, readableTypes } from "./domain.ts";
export { isEnded, stillCounts } from "./ended.ts";
export type { AppKeeper, AppPerson, RecordPeople } from "./people-port.ts";
export { smartRoutes } from "./routes.ts";
export { restSecurity } from "./security.ts";

/** The system whose token the request carries; null when it carries none that counts. */
export function clientOf(services: Services, request: FastifyRequest): AccessToken | null {
  const [, sealed] =
    /^Bearer ([A-Za-z0-9._-]{1,4000})$/i.exec(request.headers.authorization ?? "") ?? [];
  return sealed ? readToken(services, sealed) : null;
}
