import pino from "pino";

/**
 * The node's log: JSON lines on standard output. Only ids go into it, never names, chat or tokens.
 */
export type Log = pino.Logger;

export function createLog(level = process.env.LOG_LEVEL ?? "info"): Log {
  return pino({ level, base: { app: "sfu" }, redact: ["token", "*.token", "name", "*.name"] });
}
