import { z } from "zod";
import { isResourceType } from "../fhir/service.ts";
import { instant, uuid } from "../http/contract.ts";
import { isRedirectUri } from "./authorize-domain.ts";
import {
  type ClientKind,
  clientKinds,
  groupNames,
  launchScopes,
  parseScope,
  scopeContexts,
} from "./domain.ts";

/** How an assertion may be signed: SMART demands RS384 and ES384; the others are common beside them. */
export const assertionAlgorithms = ["RS384", "ES384", "ES256", "RS256"] as const;

const redirectUriForm =
  "https, http on the machine itself, or a scheme of your own that is a reversed domain (org.example.app:/back)";

const publicKey = z
  .object({
    kty: z.enum(["EC", "RSA"]),
    kid: z.string().min(1).max(100),
    alg: z.string().max(20).optional(),
    use: z.string().max(10).optional(),
    crv: z.enum(["P-256", "P-384"]).optional(),
    x: z.string().max(200).optional(),
    y: z.string().max(200).optional(),
    n: z.string().max(2000).optional(),
    e: z.string().max(20).optional(),
  })
  // Strict: whoever pastes a private key (d, p, q …) is told, and it is not kept.
  .strict();

/** Why a scope cannot be registered, or null. */
function scopeFault(text: string, kind: ClientKind): string | null {
  const isSystem = kind === "system";
  if (!isSystem && launchScopes.some((one) => one === text)) return null;
  const scope = parseScope(text);
  if (!scope || (scope.context === "system") !== isSystem) {
    const offered = isSystem
      ? "system/*.rs"
      : `patient/*.rs, user/*.cruds, ${launchScopes.join(", ")}`;
    return `“${text.slice(0, 100)}” is not a scope of the kind ${offered}`;
  }
  if (scope.type !== "*" && !isResourceType(scope.type))
    return `“${text}” names no resource type of FHIR R4`;
  return null;
}

export const registerBody = z
  .object({
    name: z.string().trim().min(2).max(100),
    kind: z.enum(clientKinds).default("system"),
    redirectUris: z
      .array(z.string().max(500).refine(isRedirectUri, redirectUriForm))
      .max(10)
      .default([]),
    scopes: z.array(z.string()).min(1).max(50),
    jwks: z
      .object({ keys: z.array(publicKey).max(10) })
      .strict()
      .default({ keys: [] }),
  })
  .strict()
  .superRefine(({ kind, redirectUris, scopes, jwks }, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const isSystem = kind === "system";
    for (const [at, text] of scopes.entries()) {
      const fault = scopeFault(text, kind);
      if (fault) issue(["scopes", at], fault);
    }
    if ((kind === "public-app") !== (jwks.keys.length === 0))
      issue(["jwks"], kind === "public-app" ? "a public app has no key" : "the public keys");
    if (isSystem !== (redirectUris.length === 0))
      issue(["redirectUris"], isSystem ? "a system is not answered in a browser" : "at least one");
  });

export const smartClientView = z.object({
  id: uuid,
  name: z.string(),
  kind: z.enum(clientKinds),
  redirectUris: z.array(z.string()),
  scopes: z.array(z.string()),
  keyIds: z.array(z.string()),
  disabledAt: instant.nullable(),
  createdAt: instant,
});
export const smartClients = z.object({ tokenUrl: z.string(), clients: z.array(smartClientView) });
export const registered = z.object({ client: smartClientView });

export const tokenBody = z.object({
  grant_type: z.string(),
  scope: z.string().max(2000).default(""),
  client_id: z.string().max(100).default(""),
  client_assertion_type: z.string().default(""),
  client_assertion: z.string().max(8000).default(""),
  code: z.string().max(200).default(""),
  redirect_uri: z.string().max(500).default(""),
  code_verifier: z.string().max(200).default(""),
  refresh_token: z.string().max(200).default(""),
});
export type TokenBody = z.infer<typeof tokenBody>;
export const revokeBody = tokenBody.omit({ grant_type: true }).extend({
  token: z.string().min(1).max(4000),
  token_type_hint: z.string().max(40).default(""),
});

const scopeGroup = z.object({
  group: z.enum(groupNames),
  context: z.enum(scopeContexts),
  reads: z.boolean(),
  writes: z.boolean(),
});
const named = {
  name: z.string(),
  nameBo: z.string().nullable(),
  nameEn: z.string().nullable(),
};

const parameter = z.string().max(4000).optional();
/**
 * What the page of consent sends back of the address it was opened with (RFC 6749 4.1.1, RFC 7636, SMART).
 * What is missing is said by `parseRequest`, in OAuth's words; other parameters are passed over.
 */
export const authorizationQuery = z.object({
  response_type: parameter,
  client_id: parameter,
  redirect_uri: parameter,
  scope: parameter,
  state: parameter,
  aud: parameter,
  code_challenge: parameter,
  code_challenge_method: parameter,
});
export const authorizationView = z.object({
  app: z.object({
    name: z.string(),
    /** Whoever registered it and answers for it. */
    institution: z.object(named),
    /** Host or scheme to which the answer goes. */
    answersTo: z.string(),
  }),
  /** Whose records. */
  records: z.object({ ...named, code: z.string() }).nullable(),
  who: z.enum(["staff", "patient"]),
  name: z.string().nullable(),
  groups: z.array(scopeGroup),
  needsPatient: z.boolean(),
  /** Of a phone: for whom it may be; empty for staff, who search. */
  people: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      nameBo: z.string().nullable(),
      /** Where records are kept; without any, nothing can be shown. */
      isKept: z.boolean(),
    }),
  ),
  /** Address below which staff search for the patient. */
  searchAt: z.string().nullable(),
  until: instant,
  /** Also after signing out. */
  offline: z.boolean(),
});
export const allowBody = z
  .object({
    request: authorizationQuery,
    /** Whom it is for: of a phone our id, of staff the id in the store. */
    patient: z.string().max(64).nullish(),
  })
  .strict();
export const declineBody = z.object({ request: authorizationQuery }).strict();
export const goTo = z.object({ redirectTo: z.string() });

export const grantList = z.object({
  grants: z.array(
    z.object({
      id: uuid,
      app: z.string(),
      institution: z.object(named),
      /** Whose records the app sees: a name of a phone's people; null: what the person sees. */
      patient: z.string().nullable(),
      groups: z.array(scopeGroup),
      grantedAt: instant,
      lastUsedAt: instant.nullable(),
      until: instant,
      offline: z.boolean(),
    }),
  ),
});
