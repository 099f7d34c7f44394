import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { institutionKinds, institutionLevels } from "./domain.ts";
import { listNames, nameBody, namedKinds, nameList, setNames } from "./names.ts";
import { findAgreementsOf, findInstitutions } from "./repository.ts";
import { department } from "./schema.ts";

export const institutionList = z.object({
  institutions: z.array(
    z.object({
      id: uuid,
      slug: z.string(),
      name: z.string(),
      nameBo: z.string().nullable(),
      nameEn: z.string().nullable(),
      kind: z.enum(institutionKinds),
      level: z.enum(institutionLevels),
      altitudeMetres: z.number(),
      phone: z.string().nullable(),
      helpPhone: z.string().nullable(),
      /** There is a valid agreement under which mine may invite this one. */
      invitable: z.boolean(),
      departments: z.array(
        z.object({
          id: uuid,
          name: z.string(),
          nameBo: z.string().nullable(),
          nameEn: z.string().nullable(),
          specialtyCode: z.string(),
          /** Why it takes nobody any more; null: it does. */
          closedReason: z.string().nullable(),
        }),
      ),
    }),
  ),
});

/** Institutions and departments of the alliance, as staff need them for a request. */
export async function directoryRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/directory/institutions",
    { schema: { response: { 200: institutionList } } },
    async (request) =>
      read(services, request, requireStaff(request), async ({ tx, actor, now }) => {
        const today = now.toISOString().slice(0, 10);
        const institutions = await findInstitutions(tx);
        const departments = await tx.select().from(department).orderBy(department.slug);
        const agreements = await findAgreementsOf(tx, actor.institutionId);
        return {
          institutions: institutions.map((row) => ({
            ...row,
            invitable: agreements.some(
              (one) =>
                one.invitedInstitutionId === row.id &&
                one.signedOn <= today &&
                (one.validUntil === null || one.validUntil >= today),
            ),
            departments: departments.filter((one) => one.institutionId === row.id),
          })),
        };
      }),
  );
  app.get("/api/directory/names", { schema: { response: { 200: nameList } } }, async (request) =>
    read(services, request, requireStaff(request), listNames),
  );
  app.put(
    "/api/directory/names/:kind/:id",
    {
      schema: {
        params: z.object({ kind: z.enum(namedKinds), id: uuid }),
        body: nameBody,
        response: { 200: empty },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        setNames(work, request.params.kind, request.params.id, request.body),
      ),
  );
}
