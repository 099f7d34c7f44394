export declare function ensureTestPackages(log: (line: string) => void): void;
/**
 * Installs from Debian what is missing.
 * @param need how the sentence begins that names what is missing, such as "The tests need"
 * @throws {Error} that sentence, where it cannot be installed here
 */
export declare function ensureDebianPackages(
  packages: readonly { name: string; command?: string; file?: string }[],
  need: string,
  log: (line: string) => void,
): void;
