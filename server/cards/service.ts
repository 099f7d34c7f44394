/** What other capabilities may ask of cards and paper codes. */
export { listCardKeys, publishedKeys, revokeCardKey, rotateCardKey } from "./key-service.ts";
export { admitByPaperCode, checkPaperCode } from "./paper-service.ts";
