import { z } from "zod";
import { type App, requireStaff } from "../http/context.ts";
import { ICD10_SEARCH_MAX, searchIcd10 } from "./icd10.ts";

export const icd10Query = z.object({ q: z.string().trim().min(1).max(100) });
export const icd10Answer = z.object({
  codes: z
    .array(z.object({ code: z.string(), zh: z.string(), en: z.string() }))
    .max(ICD10_SEARCH_MAX),
});

export type TerminologyOptions = {
  /** Left out, the starter list is searched; a hospital brings its licensed table. */
  search?: typeof searchIcd10;
};

/** Diagnoses by code, Chinese, English or pinyin initials. */
export async function terminologyRoutes(app: App, options: TerminologyOptions = {}): Promise<void> {
  const { search = searchIcd10 } = options;
  app.get(
    "/api/terminology/icd10",
    { schema: { querystring: icd10Query, response: { 200: icd10Answer } } },
    async (request) => {
      requireStaff(request);
      return { codes: [...search(request.query.q)] };
    },
  );
}
