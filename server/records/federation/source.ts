/** A place that keeps records, as it is asked. */
export type RecordSource = {
  readonly institutionId: string;
  readonly code: string;
  readonly kind: "hosted" | "remote";
  /** Base address of its FHIR endpoint, without a slash at the end; every link must lie within. */
  readonly base: string;
  /** Where a hosted store's connection goes: this process itself. */
  readonly via: URL | null;
  readonly privateNetwork: boolean;
  readonly signIn: SignIn | null;
};

/** Client credentials at a remote store (RFC 6749, 4.4). */
export type SignIn = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
};
