/** What `--lan` adds: this machine's address in the local network, and a certificate for it. */
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { OperatorError } from "../../server/operator-error.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;
const RENEW_BEFORE_MS = 30 * DAY_MS;
/** Bridges and tunnels, which no phone in the room can reach. */
const VIRTUAL = /^(docker|br-|veth|virbr|tun|tap|wg|tailscale|zt|cni|flannel|lxc)/;

/** @throws {OperatorError} when this machine is in no network */
export function lanAddress(): string {
  const addresses = Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, entries]) => entries ?? [])
    .filter((entry) => entry.family === "IPv4" && !entry.internal)
    .map((entry) => entry.address);
  const address = addresses.find(isPrivate) ?? addresses[0];
  if (address) return address;
  throw new OperatorError(
    "This machine has no address in a local network: connect it, or start without --lan.",
  );
}

/**
 * A self-signed certificate for this machine, kept as long as it fits the address, so that a
 * phone is asked only once.
 * @throws {OperatorError} when openssl is missing
 */
export function ensureCertificate(
  dataDir: string,
  address: string,
): { certPath: string; keyPath: string } {
  const folder = join(dataDir, "tls");
  const certPath = join(folder, "cert.pem");
  const keyPath = join(folder, "key.pem");
  if (existsSync(keyPath) && fits(certPath, address)) return { certPath, keyPath };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = ["DNS:localhost", `DNS:${hostname()}`, "IP:127.0.0.1", `IP:${address}`];
  const result = spawnSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", String(VALID_DAYS), "-subj", "/CN=Yilian on this network"],
      ...["-addext", `subjectAltName=${names.join(",")}`],
      ...["-addext", "extendedKeyUsage=serverAuth"],
      ...["-keyout", keyPath, "-out", certPath],
    ],
    { encoding: "utf8" },
  );
  if (result.error || result.status !== 0) {
    const reason = result.error?.message ?? result.stderr.trim().split("\n").at(-1);
    throw new OperatorError(
      `No certificate could be made (${reason}): install openssl (apt-get install openssl), or set TLS_CERT and TLS_KEY.`,
    );
  }
  chmodSync(keyPath, 0o600);
  return { certPath, keyPath };
}

/**
 * A file of certificates for NODE_EXTRA_CA_CERTS, with which the media node trusts our own one
 * when it calls the server back. The variable takes one file: what it names already is kept.
 */
export function trustedBundle(
  dataDir: string,
  certPath: string,
  given: string | undefined,
): string {
  const bundlePath = join(dataDir, "tls", "trusted.pem");
  const parts = given && existsSync(given) ? [given, certPath] : [certPath];
  writeFileSync(bundlePath, parts.map((part) => readFileSync(part, "utf8")).join("\n"));
  return bundlePath;
}

function fits(certPath: string, address: string): boolean {
  if (!existsSync(certPath)) return false;
  const certificate = new X509Certificate(readFileSync(certPath));
  return (
    certificate.checkIP(address) !== undefined &&
    Date.parse(certificate.validTo) - Date.now() > RENEW_BEFORE_MS
  );
}

function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}
