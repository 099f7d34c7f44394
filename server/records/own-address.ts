import type { AddressInfo } from "node:net";
import type { App } from "../http/context.ts";

/** This process as it is reached from here; null before it listens. */
export function ownAddress(app: App): URL | null {
  const found = app.server.address() as AddressInfo | string | null;
  if (found === null || typeof found === "string") return null;
  const isAny = ["0.0.0.0", "::", "127.0.0.1", "::1"].includes(found.address);
  const host = isAny
    ? found.family === "IPv6" && found.address === "::1"
      ? "[::1]"
      : "127.0.0.1"
    : found.family === "IPv6"
      ? `[${found.address}]`
      : found.address;
  const isSecure = "setSecureContext" in app.server;
  return new URL(`${isSecure ? "https" : "http"}://${host}:${found.port}`);
}
