/** The patient whom a house outside refers: known by the ID card, or registered in that house's name. */
import type { Patient } from "@medplum/fhirtypes";
import { and, eq, isNotNull } from "drizzle-orm";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import { namesOfPatient } from "../../fhir-mappings/referral-bundle.ts";
import { extensionUrls, identifierSystems } from "../../fhir-mappings/systems.ts";
import type { Services, Work } from "../http/context.ts";
import { patientSexes } from "../patients/domain.ts";
import { patient, patientContact } from "../patients/schema.ts";
import {
  localDay,
  normalisePersonName,
  parsePhone,
  parseResidentId,
  phoneContext,
  residentIdContext,
} from "../patients/service.ts";

/**
 * Nobody is merged by name: without an ID card a person is registered as the house knows him, once for its number.
 * @returns the id in our tables
 * @throws FhirMappingError where the ID card is none, or nobody is named
 */
export async function patientIn(
  services: Services,
  { tx, now }: Work,
  houseId: string,
  resource: Patient,
): Promise<string> {
  const { vault } = services;
  const card = resource.identifier?.find((one) => one.system === identifierSystems.residentId);
  const parsed = card?.value ? parseResidentId(card.value, localDay(now)) : null;
  if (parsed && !parsed.ok) throw new FhirMappingError("Patient.identifier", "wrong-shape");
  const index = parsed?.ok ? vault.blindIndex("resident-id", parsed.value.number) : null;
  if (index) {
    const [known] = await tx
      .select({ id: patient.id })
      .from(patient)
      .where(and(eq(patient.residentIdIndex, index), isNotNull(patient.residentIdIndex)))
      .orderBy(patient.createdAt)
      .limit(1);
    if (known) return known.id;
  }
  const names = (language: string) =>
    resource.name?.find((one) =>
      one.extension?.some(
        (two) => two.url === extensionUrls.nameLanguage && two.valueCode === language,
      ),
    )?.text ?? null;
  const tibetan = names("bo");
  const fullName = names("zh-CN") ?? (tibetan ? null : namesOfPatient(resource));
  if (!fullName && !tibetan) throw new FhirMappingError("Patient.name", "missing");
  const sex = patientSexes.find((one) => one === resource.gender) ?? "unknown";
  const [made] = await tx
    .insert(patient)
    .values({
      fullName: fullName ? normalisePersonName(fullName) : null,
      fullNameBo: tibetan ? normalisePersonName(tibetan) : null,
      sex: parsed?.ok ? parsed.value.sex : sex,
      birthDate: parsed?.ok ? parsed.value.birthDate : (resource.birthDate?.slice(0, 10) ?? null),
      address: resource.address?.[0]?.text ?? null,
      residentIdCipher: parsed?.ok ? vault.seal(residentIdContext, parsed.value.number) : null,
      residentIdIndex: index,
      managingInstitutionId: houseId,
      demo: services.demo,
      updatedAt: now,
    })
    .returning({ id: patient.id });
  const phone = parsePhone(resource.telecom?.find((one) => one.system === "phone")?.value ?? "");
  if (phone.ok)
    await tx.insert(patientContact).values({
      patientId: made!.id,
      relation: "self",
      name: null,
      phoneCipher: vault.seal(phoneContext, phone.value.national),
      phoneIndex: vault.blindIndex("phone", phone.value.national),
      // Who signs in with it is said here by the person, not by another house.
      maySignIn: false,
    });
  return made!.id;
}
