/** A place that keeps records, as it is asked. */
export type RecordSource = {
  readonly institutionId: string;
  /** Names it among all sources: its health is kept under this. */
  readonly code: string;
  /** Changes with its address or sign-in: a token is kept under code and edition. */
  readonly edition?: number;
  readonly kind: "hosted" | "remote";
  /** Base address of its FHIR endpoint, without a slash at the end; every link must lie within. */
  readonly base: string;
  /** Where a hosted store's connection goes: this process itself. */
  readonly via: URL | null;
  readonly privateNetwork: boolean;
  readonly signIn: SignIn | null;
  /** It knows no `$everything`: these types are searched one by one. Left out: it knows it. */
  readonly types?: readonly string[];
};

export type SignIn = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string | null;
} & (
  | { /** Client credentials (RFC 6749, 4.4). */ readonly clientSecret: string }
  | {
      /** A JWT signed for this very request (RFC 7523; SMART backend services). */
      readonly assertion: () => Promise<string>;
    }
);

export const tokenKeyOf = ({ code, institutionId, edition }: RecordSource): string =>
  `${code || institutionId}@${edition ?? 0}`;
