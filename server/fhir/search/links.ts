/** Links of a searchset: what was understood, and where it goes on. */
import type { SearchRequest } from "./request.ts";
import type { SearchPage } from "./run.ts";

/**
 * @param address of the search without a query, for example `https://host/fhir/Observation`
 */
export function linksOf(
  address: string,
  request: SearchRequest,
  page: SearchPage,
): { relation: "self" | "next"; url: string }[] {
  const self = urlOf(address, request, request.cursor);
  if (page.next === undefined) return [{ relation: "self", url: self }];
  return [
    { relation: "self", url: self },
    { relation: "next", url: urlOf(address, request, page.next) },
  ];
}

function urlOf(address: string, { understood }: SearchRequest, cursor: string | undefined): string {
  const pairs = understood.map(([name, value]) => [name, value]);
  if (cursor !== undefined) pairs.push(["_cursor", cursor]);
  const query = pairs.map((pair) => pair.map((part) => encode(part ?? "")).join("=")).join("&");
  return query ? `${address}?${query}` : address;
}

/** As FHIR writes them: colons, commas, slashes and bars of a query need no escape to be read again. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(3A|2C|2F|24)/g, (code) => decodeURIComponent(code));
