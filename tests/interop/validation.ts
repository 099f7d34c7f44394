/** Real resources are valid: what the validator reproaches them with is listed. */
import { parseJson } from "../../server/fhir/store/json.ts";
import { isValid, validateResource } from "../../server/fhir/validation/validate.ts";
import type { InteropPart } from "./part.ts";

const LISTED_PER_FILE = 5;

export const part: InteropPart = {
  name: "validation",
  run: async (files, log) => {
    let failed = 0;
    for (const { name, text } of files) {
      const issues = validateResource(parseJson(text));
      if (isValid(issues)) continue;
      failed += 1;
      log(name);
      const errors = issues.filter(({ severity }) => severity === "error");
      for (const { code, expression, diagnostics } of errors.slice(0, LISTED_PER_FILE)) {
        log(`  ${code} ${expression}: ${diagnostics}`);
      }
    }
    return { passed: files.length - failed, failed };
  },
};
