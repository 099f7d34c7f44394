/** Which addresses a partner may have. */
import { lookup as dnsLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { PartnerError } from "./fault.ts";

/** Not of the open internet: RFC 1918, 6598, 3927, 4193, 4291, 5737, 6890 and the like. */
const closed = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  closed.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  closed.addSubnet(network, bits, "ipv6");

/**
 * Nobody's server lies there, in a private network neither: this very host's "any" address, the line
 * between neighbours (where clouds hand out credentials), groups.
 */
const never = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  never.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 128],
  ["fd00:ec2::", 32],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  never.addSubnet(network, bits, "ipv6");

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // IPv4 in IPv6 clothes is judged as what it is.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return list.check(mapped, "ipv4");
  return list.check(address, family === 6 ? "ipv6" : "ipv4");
}

export const mayBeAsked = (address: string, isPrivate: boolean): boolean =>
  !isIn(isPrivate ? never : closed, address);
export const isPrivateAddress = (address: string): boolean => isIn(closed, address);

/**
 * Looks a name up at the moment of connecting and gives only addresses that may be asked, so that a name
 * that leads elsewhere the second time leads nowhere.
 */
const lookupBut =
  (shut: BlockList): LookupFunction =>
  (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const open = found.filter(({ address }) => !isIn(shut, address));
      const [first] = open;
      if (!first) return callback(new PartnerError("private-address"), "", 0);
      if (options.all) return callback(null, open);
      return callback(null, first.address, first.family);
    });
  };
export const openLookup = lookupBut(closed);
/** For a partner that was registered as lying in a private network. */
export const privateLookup = lookupBut(never);

/**
 * @param isPrivate the partner was registered as lying in a private network
 * @throws PartnerError `private-address` for an address written as a number
 */
export function assertOpenHost(hostname: string, isPrivate = false): void {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 && isIn(isPrivate ? never : closed, bare))
    throw new PartnerError("private-address");
}

/**
 * The address of a link or a path, if it lies within the registered base.
 * @throws PartnerError `off-origin`
 */
export function withinBase(base: string, link: string): URL {
  let url: URL;
  const home = new URL(`${base}/`);
  try {
    url = new URL(link.replace(/^\/+(?=[^/])/, ""), home);
  } catch {
    throw new PartnerError("off-origin");
  }
  const isBase = url.pathname === home.pathname.slice(0, -1);
  if (
    url.origin !== home.origin ||
    url.username !== "" ||
    url.password !== "" ||
    !(isBase || url.pathname.startsWith(home.pathname)) ||
    /%2f|%5c|%2e/i.test(url.pathname)
  )
    throw new PartnerError("off-origin");
  return url;
}
