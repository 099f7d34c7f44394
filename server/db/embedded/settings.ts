/** The configuration files of an embedded cluster, written anew at each start. */
import { totalmem } from "node:os";

const MEBIBYTE = 1024 * 1024;
/** PostgreSQL shares the machine with the server, the media node and a browser. */
const SHARED_BUFFERS_MIN_MB = 64;
const SHARED_BUFFERS_MAX_MB = 512;
const SHARED_BUFFERS_PART_OF_MEMORY = 1 / 16;

export type SettingsInput = {
  readonly port: number;
  readonly socketDir: string;
  readonly logDir: string;
  /** Test clusters: a crash may lose them, so nothing waits for the disk. */
  readonly fast: boolean;
};

/** `ALTER SYSTEM` still overrides these: postgresql.auto.conf is read after this file. */
export function settingsFile({ port, socketDir, logDir, fast }: SettingsInput): string {
  const settings: Record<string, string | number | boolean> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    max_connections: 200,
    shared_buffers: `${sharedBuffersMegabytes(totalmem())}MB`,
    shared_preload_libraries: "pg_stat_statements",
    password_encryption: "scram-sha-256",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements here are small; compiling them costs more than it saves.
    jit: false,
    // Patient data never go into a log: no statement text, parameter or key value.
    log_min_error_statement: "panic",
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_error_verbosity: "terse",
    ...(fast
      ? {
          fsync: false,
          synchronous_commit: false,
          full_page_writes: false,
          max_wal_size: "2GB",
        }
      : {
          logging_collector: true,
          log_directory: logDir,
          log_filename: "postgresql-%a.log",
          log_truncate_on_rotation: true,
          log_rotation_age: "1d",
          log_rotation_size: 0,
        }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`);
  return `# Written at each start. Own settings: ALTER SYSTEM.\n${lines.join("\n")}\n`;
}

/** Passwords for everybody, on the socket as on loopback: other accounts share this machine. */
export const accessFile = `local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
`;

function sharedBuffersMegabytes(memoryBytes: number): number {
  const part = Math.round((memoryBytes * SHARED_BUFFERS_PART_OF_MEMORY) / MEBIBYTE);
  return Math.min(SHARED_BUFFERS_MAX_MB, Math.max(SHARED_BUFFERS_MIN_MB, part));
}

function literal(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
