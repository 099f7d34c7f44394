/** What differs between a provider's statement of a day and our own movements. Pure. */
import type { DifferenceKind } from "./domain.ts";

export type Movement = {
  id: string;
  kind: "payment" | "refund";
  fen: number;
  institutionId: string;
};
export type StatementRow = { id: string; kind: "payment" | "refund"; amountFen: number };
export type Difference = {
  movementId: string;
  kind: DifferenceKind;
  institutionId: string | null;
  oursFen: number | null;
  theirsFen: number | null;
};

export function compareDay(
  ours: readonly Movement[],
  theirs: readonly StatementRow[],
): Difference[] {
  const keyOf = (row: { kind: string; id: string }) => `${row.kind} ${row.id}`;
  const byKey = new Map(theirs.map((row) => [keyOf(row), row]));
  const known = new Set(ours.map(keyOf));
  const missing = theirs
    .filter((row) => !known.has(keyOf(row)))
    .map((row) => ({
      movementId: row.id,
      kind: "only-there" as const,
      institutionId: null,
      oursFen: null,
      theirsFen: row.amountFen,
    }));
  const different = ours.flatMap((row): Difference[] => {
    const other = byKey.get(keyOf(row));
    if (other?.amountFen === row.fen) return [];
    return [
      {
        movementId: row.id,
        kind: other ? "amount" : "only-here",
        institutionId: row.institutionId,
        oursFen: row.fen,
        theirsFen: other?.amountFen ?? null,
      },
    ];
  });
  return [...different, ...missing];
}
