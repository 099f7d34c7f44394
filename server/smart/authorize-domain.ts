/**
 * The request of an app for access (RFC 6749 4.1.1, RFC 7636, SMART App Launch 2 "standalone launch"). Pure.
 */
import {
  granted,
  type LaunchScope,
  parseLaunchScopes,
  parseScopes,
  readingOnly,
  type Scope,
} from "./domain.ts";

/** A minute: the code goes from our page to the app at once. */
export const codeSeconds = 60;
/** What an app may ask again for without the person, counted from his word. */
export const offlineDays = 90;

export type AuthorizationRequest = {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly audience: string;
  /** Institution's code of `/stores/<code>/fhir`; null: `/fhir`, one's own. */
  readonly storeCode: string | null;
  readonly challenge: string;
  readonly scopes: readonly Scope[];
  readonly launch: readonly LaunchScope[];
};
export type RequestFault = {
  readonly error: "invalid_request" | "unsupported_response_type" | "invalid_scope";
  readonly description: string;
};

/** A query or body as single values; null when a name comes twice (RFC 6749, 3.1). */
export function singleValues(
  query: Readonly<Record<string, unknown>>,
): Record<string, string> | null {
  const entries = Object.entries(query);
  return entries.every(([, value]) => typeof value === "string")
    ? (Object.fromEntries(entries) as Record<string, string>)
    : null;
}

/**
 * Everything but client and redirect address, which were found to be each other's before.
 * @param publicUrl our own address
 * @param allowed the most that the app was registered for
 */
export function parseRequest(
  values: Readonly<Record<string, string | undefined>>,
  publicUrl: string,
  allowed: readonly string[],
): AuthorizationRequest | RequestFault {
  const fault = (error: RequestFault["error"], description: string): RequestFault => ({
    error,
    description,
  });
  if (values.response_type === undefined)
    return fault("invalid_request", "response_type is missing");
  if (values.response_type !== "code")
    return fault("unsupported_response_type", "response_type is code");
  const { state = "", aud = "", scope = "", code_challenge: challenge = "" } = values;
  if (state.length === 0 || state.length > 1000)
    return fault("invalid_request", "state is a text of 1 to 1000 characters");
  if (values.code_challenge_method !== "S256")
    return fault("invalid_request", "code_challenge_method is S256");
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge))
    return fault("invalid_request", "code_challenge is a SHA-256 in base64url");
  const storeCode = storeOf(aud, publicUrl);
  if (storeCode === undefined)
    return fault("invalid_request", "aud is the address of a FHIR endpoint here");
  const scopes = granted(
    parseScopes(scope).filter(({ context }) => context !== "system"),
    allowed.flatMap((text) => parseScopes(text)),
  );
  const launch = parseLaunchScopes(scope).filter((one) => allowed.includes(one));
  const writable = scopes.flatMap((one) =>
    one.context === "patient" ? readingOnly([one]) : [one],
  );
  if (writable.length === 0)
    return fault("invalid_scope", "nothing of what was asked for is allowed");
  return {
    clientId: values.client_id ?? "",
    redirectUri: values.redirect_uri ?? "",
    state,
    audience: aud.replace(/\/$/, ""),
    storeCode,
    challenge,
    scopes: writable,
    launch,
  };
}

/** Code of the store; null: `/fhir`; undefined: no endpoint of ours. */
function storeOf(audience: string, publicUrl: string): string | null | undefined {
  const path = audience.replace(/\/$/, "");
  if (!path.startsWith(`${publicUrl}/`)) return undefined;
  const rest = path.slice(publicUrl.length);
  if (rest === "/fhir") return null;
  return /^\/stores\/([a-z0-9-]{1,80})\/fhir$/.exec(rest)?.[1];
}

export const isFault = (parsed: AuthorizationRequest | RequestFault): parsed is RequestFault =>
  "error" in parsed;

/** Whether a patient must be chosen. */
export const needsPatient = ({ scopes, launch }: Pick<AuthorizationRequest, "scopes" | "launch">) =>
  launch.includes("launch/patient") || scopes.some(({ context }) => context === "patient");

/** The app's address with what it is told; other parameters of it stay. */
export function answerAddress(
  redirectUri: string,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Where an app may be answered: https; http on the machine itself (RFC 8252, 7.3); a scheme of its own that
 * is a reversed domain (RFC 8252, 7.1). Never with a fragment.
 */
export function isRedirectUri(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  if (text.includes("#") || url.username !== "" || url.password !== "" || /[\s\\*]/.test(text))
    return false;
  if (url.protocol === "https:") return true;
  if (url.protocol === "http:") return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol);
}
