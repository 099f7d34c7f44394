/**
 * An error without the values it was about. The query builder writes every parameter of a failed
 * statement into its message; names and findings of patients would end in logs and in job rows.
 * @returns an error with the driver's own message and the original stack frames
 */
export function withoutValues(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("Something that is not an error was thrown");
  if (!("params" in error && "query" in error)) return error;
  const cause = error.cause instanceof Error ? error.cause : null;
  const safe = new Error(cause ? cause.message : "A statement failed");
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  safe.stack = [`${safe.name}: ${safe.message}`, ...frames].join("\n");
  if (cause && "code" in cause) Object.assign(safe, { code: cause.code });
  return safe;
}
