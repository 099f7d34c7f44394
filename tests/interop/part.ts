/** What a part of npm run test:interop is: a module `tests/interop/<name>.ts` that exports `part`. */

export type InteropFile = {
  /** Path within the folder, for NDJSON with the line. */
  readonly name: string;
  /** One resource. */
  readonly text: string;
};

export type InteropPart = {
  readonly name: string;
  /** Looks at every resource and lists what went wrong. */
  readonly run: (
    files: readonly InteropFile[],
    log: (line: string) => void,
  ) => Promise<{ readonly passed: number; readonly failed: number }>;
};
