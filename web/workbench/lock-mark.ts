/**
 * A screen that was locked while the server could not be told: kept on this device, so that neither a
 * reload nor a lost line opens it again. It names who left, and goes when somebody has proven who they are.
 */
const key = "yilian.locked";

export const lockMark = {
  isOf(personId: string): boolean {
    try {
      return localStorage.getItem(key) === personId;
    } catch {
      // A private window keeps nothing; the server's own lock stands.
      return false;
    }
  },
  set(personId: string): void {
    try {
      localStorage.setItem(key, personId);
    } catch {
      // As above.
    }
  },
  clear(): void {
    try {
      localStorage.removeItem(key);
    } catch {
      // As above.
    }
  },
};
