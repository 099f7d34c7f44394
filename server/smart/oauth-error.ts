export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "unauthorized_client"
  | "unsupported_grant_type";

/** A refusal of the token endpoint (RFC 6749, 5.2): read by machines, so it is English only. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  constructor(code: OAuthErrorCode, description: string = code) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
  }
}
