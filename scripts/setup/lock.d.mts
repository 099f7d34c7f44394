export type Lock = {
  noteChild(pid: number): void;
  release(): void;
};
export function tryLock(
  file: string,
): Promise<{ held: true; lock: Lock } | { held: false; pid: number }>;
export function waitForLock(file: string, onWait: (pid: number) => void): Promise<Lock>;
