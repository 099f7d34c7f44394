/** What other capabilities may ask of cards and paper codes. */
export { listCardKeys, publishedKeys, revokeCardKey, rotateCardKey } from "./key-service.ts";
export { checkPaperCode } from "./paper-service.ts";
