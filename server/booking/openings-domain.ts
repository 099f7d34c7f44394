/** Openings for anyone (SMART Scheduling Links): which files there are and what the manifest says. Pure. */

export const openingTypes = ["Location", "Schedule", "Slot"] as const;
export type OpeningType = (typeof openingTypes)[number];

/**
 * Provinces by the letters of ISO 3166-2:CN, under the characters that an address begins with.
 * Source: GB/T 2260 letters, as ISO 3166-2 has them since 2017.
 */
const provinces: readonly (readonly [start: string, letters: string])[] = [
  ["北京", "BJ"],
  ["天津", "TJ"],
  ["河北", "HE"],
  ["山西", "SX"],
  ["内蒙古", "NM"],
  ["辽宁", "LN"],
  ["吉林", "JL"],
  ["黑龙江", "HL"],
  ["上海", "SH"],
  ["江苏", "JS"],
  ["浙江", "ZJ"],
  ["安徽", "AH"],
  ["福建", "FJ"],
  ["江西", "JX"],
  ["山东", "SD"],
  ["河南", "HA"],
  ["湖北", "HB"],
  ["湖南", "HN"],
  ["广东", "GD"],
  ["广西", "GX"],
  ["海南", "HI"],
  ["重庆", "CQ"],
  ["四川", "SC"],
  ["贵州", "GZ"],
  ["云南", "YN"],
  ["西藏", "XZ"],
  ["陕西", "SN"],
  ["甘肃", "GS"],
  ["青海", "QH"],
  ["宁夏", "NX"],
  ["新疆", "XJ"],
];

/** Letters of the province that an address lies in; null when it does not say. */
export function provinceOf(address: string | null): string | null {
  return provinces.find(([start]) => address?.startsWith(start))?.[1] ?? null;
}

/** Name of the file of places whose province is not known. */
export const elsewhere = "other";

/** Anything with a province: a file holds one type and one province, so that a client fetches its own. */
export function fileName(type: OpeningType, province: string | null): string {
  return `${type}-${province ?? elsewhere}.ndjson`;
}

export type Manifest = {
  transactionTime: string;
  request: string;
  output: { type: OpeningType; url: string; extension?: { state: string[] } }[];
  error: [];
};

/** @param base address of the FHIR API without a slash at its end */
export function manifestOf(
  base: string,
  transactionTime: string,
  openProvinces: readonly (string | null)[],
): Manifest {
  return {
    transactionTime,
    request: `${base}/$bulk-publish`,
    output: openingTypes.flatMap((type) =>
      openProvinces.map((province) => ({
        type,
        url: `${base}/openings/${fileName(type, province)}`,
        ...(province ? { extension: { state: [province] } } : {}),
      })),
    ),
    error: [],
  };
}
