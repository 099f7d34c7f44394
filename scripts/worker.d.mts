export declare class WorkerSetupError extends Error {}
/** Finds, downloads or builds a mediasoup-worker and returns the path of one that starts. */
export declare function ensureWorker(options?: {
  log?: (line: string) => void;
  packageDir?: string;
  cacheDir?: string;
}): Promise<string>;
/** What is wrong with a worker binary, or undefined when it starts. */
export declare function checkWorker(binary: string, version: string): Promise<string | undefined>;
