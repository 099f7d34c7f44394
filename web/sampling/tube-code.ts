/** The code on a tube, as server/sampling/tube-code.ts reads it (a test compares): found wrong before anything is sent. */
export type TubeCode = { code: string; size: 1 | 5 | 10 | 20; serial: number };

const sizes = { "01": 1, "05": 5, "10": 10, "20": 20 } as const;

export function parseTubeCode(text: string): TubeCode | null {
  const code = text.replace(/[\s-]/gu, "").toUpperCase();
  const found = /^YT(01|05|10|20)([0-9]{8})[0-9]$/u.exec(code);
  if (!found) return null;
  const sum = [...code.slice(2)].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  if (sum % 10 !== 0) return null;
  return { code, size: sizes[found[1] as keyof typeof sizes], serial: Number(found[2]) };
}

/** In groups that are read aloud and compared: YT10 0001 0000 7. */
export function tubeWords(code: string): string {
  return `${code.slice(0, 4)} ${code.slice(4, 8)} ${code.slice(8, 12)} ${code.slice(12)}`;
}
