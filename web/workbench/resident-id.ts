/** Says while typing what is wrong with a resident ID (GB 11643-1999); the server decides. */
export type ResidentIdProblem = "length" | "characters" | "date" | "checksum";

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

export function tidyId(text: string): string {
  return text.normalize("NFKC").replace(/\s/gu, "").toUpperCase();
}

/** @returns null when the number is right; else the first thing that is wrong, and the birth date and sex it holds */
export function checkResidentId(text: string): {
  problem: ResidentIdProblem | null;
  birthDate: string | null;
  sex: "male" | "female" | null;
} {
  const id = tidyId(text);
  const nothing = { birthDate: null, sex: null };
  if (!/^[\dX]*$/.test(id) || /X./.test(id)) return { problem: "characters", ...nothing };
  if (id.length !== 18) return { problem: "length", ...nothing };
  const birthDate = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
  const date = new Date(`${birthDate}T00:00:00Z`);
  if (
    Number.isNaN(date.getTime()) ||
    date.toISOString().slice(0, 10) !== birthDate ||
    date.getTime() > Date.now()
  ) {
    return { problem: "date", ...nothing };
  }
  const sum = weights.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  if ("10X98765432"[sum % 11] !== id[17]) return { problem: "checksum", ...nothing };
  return { problem: null, birthDate, sex: Number(id[16]) % 2 === 1 ? "male" : "female" };
}
