/** Patient $summary: what the caller may see of a person here, as an International Patient Summary. */
import { randomUUID } from "node:crypto";
import type { Bundle, Organization, Patient, Resource } from "@medplum/fhirtypes";
import { toIpsDocument } from "../../../fhir-mappings/ips.ts";
import { type IpsLanguage, ipsLanguages } from "../../../fhir-mappings/ips-words.ts";
import { findInstitutions } from "../../directory/service.ts";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { isId } from "../store/resource.ts";
import type { Answer } from "./answer.ts";
import { inForm } from "./form.ts";
import { type Endpoint, getAnswer } from "./get.ts";
import { type Pair, safe, splitForm } from "./options.ts";

const pageSize = 500;
/** So many resources of one patient are read for a summary; what is older is in the record. */
const pagesMax = 20;

/**
 * Source of the operation: hl7.org/fhir/uv/ips OperationDefinition/summary. Tenancy, consent and audit are
 * those of $everything; the audit row says `summary`.
 * @throws DomainError `request.not-found` also when the patient is not to be seen, `fhir.request`
 */
export async function summaryAnswer(
  services: Services,
  { store, context }: Endpoint,
  id: string,
  pairs: readonly Pair[],
  language: string,
): Promise<Answer> {
  const { form, rest } = splitForm(pairs);
  if (rest.length > 0)
    throw new DomainError("fhir.request", {
      reason: `the parameter ${safe(rest[0]![0])} is not known here`,
    });
  if (!isId(id)) throw new DomainError("fhir.request", { reason: "the id is no FHIR id" });
  const resources: Resource[] = [];
  let withheld = 0;
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const found = await store.everything(context, id, {
      count: pageSize,
      types: null,
      since: null,
      cursor,
      interaction: "summary",
    });
    withheld += found.withheld;
    resources.push(...found.entries.map((one) => JSON.parse(one.content) as Resource));
    cursor = found.next;
    if (cursor === null) break;
  }
  const patient = resources.find(
    (one): one is Patient => one.resourceType === "Patient" && one.id === id,
  );
  if (!patient) throw new DomainError("request.not-found");
  const document = toIpsDocument({
    patient,
    resources,
    author: await authorOf(services, context.tenant),
    at: context.at.toISOString(),
    language: ipsLanguages.find((one): one is IpsLanguage => one === language) ?? "zh-CN",
    base: context.base,
    withheld,
    newId: randomUUID,
  });
  return { status: 200, text: inForm(JSON.stringify(document), form) };
}

/**
 * The same of whom an identifier names (`Patient/$summary?identifier=`).
 * @throws DomainError `fhir.request` without exactly one identifier, or when it names several; `request.not-found`
 *   also when the patient is not to be seen
 */
export async function summaryByIdentifier(
  services: Services,
  endpoint: Endpoint,
  pairs: readonly Pair[],
  language: string,
): Promise<Answer> {
  const named = pairs.filter(([name]) => name === "identifier");
  const rest = pairs.filter(([name]) => name !== "identifier");
  const [, value = ""] = named[0] ?? [];
  // One token, not a list of them: a summary is of one person.
  if (named.length !== 1 || value === "" || value.includes(","))
    throw new DomainError("fhir.request", { reason: "one identifier says whose summary it is" });
  const { text } = await getAnswer(
    endpoint,
    ["Patient"],
    [
      ["identifier", value],
      ["_count", "2"],
    ],
  );
  const found = JSON.parse(text ?? "{}") as Bundle;
  const [id, other] = (found.entry ?? []).flatMap(({ resource, search }) =>
    search?.mode === "match" ? [resource?.id ?? ""] : [],
  );
  if (id === undefined) throw new DomainError("request.not-found");
  if (other !== undefined)
    throw new DomainError("fhir.request", { reason: "several patients have this identifier" });
  return summaryAnswer(services, endpoint, id, rest, language);
}

async function authorOf(services: Services, tenant: string): Promise<Organization> {
  const [found] = await services.db.withActor(systemActor("fhir-summary"), (tx) =>
    findInstitutions(tx, [tenant]),
  );
  return { resourceType: "Organization", id: tenant, name: found?.name ?? tenant };
}
