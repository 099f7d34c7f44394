/** What other capabilities may ask of cards and paper codes. */
export type { PublishedKey } from "./key-service.ts";
export { listCardKeys, publishedKeys, revokeCardKey, rotateCardKey } from "./key-service.ts";
export { admitByPaperCode, checkPaperCode } from "./paper-service.ts";
