/** What other capabilities may ask of cards and paper codes. */

export { issuerOf } from "./issuer.ts";
export type { PublishedKey } from "./key-service.ts";
export {
  listCardKeys,
  publishedKeys,
  revokeCardKey,
  rotateCardKey,
  signingKey,
} from "./key-service.ts";
export { admitByPaperCode, checkPaperCode } from "./paper-service.ts";
