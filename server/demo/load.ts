import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import {
  agreement,
  alliance,
  allianceMember,
  department,
  holiday,
  institution,
  institutionName,
  practitioner,
  practitionerPost,
  workingHours,
} from "../directory/schema.ts";
import { loadFeverRules } from "../fever/service.ts";
import { loadStarterFormulary } from "../formulary/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { initialRoles } from "../identity/domain.ts";
import { person, role, roleAssignment, rolePermission, staffAccount } from "../identity/schema.ts";
import { hashPassword, systemActor } from "../identity/service.ts";
import { registerPatient } from "../patients/service.ts";
import { reportingSetting } from "../reporting/schema.ts";
import { loadDiseases } from "../reporting/service.ts";
import type { SlideStore } from "../teaching/service.ts";
import { loadTriageRules } from "../triage/service.ts";
import { loadDemoPrices } from "./billing.ts";
import { loadDemoBooking } from "./booking.ts";
import { loadDemoCapacity } from "./capacity.ts";
import { loadDemoConsults } from "./consults.ts";
import { loadDemoFever } from "./fever.ts";
import { loadDemoHelpers } from "./helpers.ts";
import {
  demoAgreements,
  demoAlliances,
  demoHolidays,
  demoInstitutions,
  demoReporting,
} from "./institutions.ts";
import { loadDemoLab } from "./lab.ts";
import { type DemoPerson, demoPatients, demoPeople } from "./people.ts";
import { loadDemoPharmacies } from "./pharmacy.ts";
import { loadDemoRecords } from "./records.ts";
import { loadDemoReferrals } from "./referral.ts";
import { loadDemoSampling } from "./sampling.ts";
import { findDemoIds } from "./story.ts";
import { loadDemoTeaching } from "./teaching.ts";
import { loadDemoVisits } from "./visits.ts";
import { loadDemoWard } from "./ward.ts";

/** Departments in Tibetan; they await native review. */
const departmentsBo: Readonly<Record<string, string>> = {
  传染病防治科: "འགོས་ནད་འགོག་བཅོས་ཚན་ཁག",
  儿科: "བྱིས་པའི་ཚན་ཁག",
  儿童口腔: "བྱིས་པའི་ཁ་སོའི་ཚན་ཁག",
  全科: "སྤྱི་ཁྱབ་ཚན་ཁག",
  内科: "ནང་ནད་ཚན་ཁག",
  发热门诊: "ཚ་བའི་སྨན་ཁང་།",
  康复科: "ནུས་པ་སླར་གསོའི་ཚན་ཁག",
  心内科: "སྙིང་ནད་ཚན་ཁག",
  急诊创伤: "ཛ་དྲག་རྨས་སྐྱོན་ཚན་ཁག",
  核酸采样点: "དཔེ་ཚད་ལེན་ས།",
  消化内科: "འཇུ་བྱེད་ནང་ནད་ཚན་ཁག",
  肾内科: "མཁལ་ནད་ཚན་ཁག",
  血液科: "ཁྲག་ནད་ཚན་ཁག",
  远程会诊中心: "རྒྱང་རིང་གྲོས་བཅོས་ལྟེ་གནས།",
};
/** Titles in Tibetan, as the demo's people have them; they await native review. */
const titlesBo: Readonly<Record<string, string>> = {
  主任医师: "གཙོ་འཛིན་སྨན་པ།",
  副主任医师: "གཙོ་འཛིན་སྨན་པ་གཞོན་པ།",
  主治医师: "གཙོ་བཅོས་སྨན་པ།",
  住院医师: "སྨན་ཁང་སྡོད་ཁང་གི་སྨན་པ།",
  医师: "སྨན་པ།",
  实习医生: "ཉམས་ལེན་སྨན་པ།",
  主管护师: "འགན་འཛིན་སྨན་ཞབས།",
  护师: "སྨན་ཞབས་མཁས་པ།",
  护士: "སྨན་ཞབས།",
  主管药师: "འགན་འཛིན་སྨན་སྦྱོར་བ།",
  收费员: "དངུལ་བསྡུ་མི།",
  收费组长: "དངུལ་བསྡུ་ཚན་པའི་འགོ་ཁྲིད།",
  药师: "སྨན་སྦྱོར་བ།",
};

/** Everyone's password in the demo; accounts are offered by one click anyway. */
export const demoPassword = "yilian-demo";

/** What the loader and the story know of the people they made. */
export type DemoIds = {
  institutions: Map<string, string>;
  people: Map<string, string>;
  patients: Map<string, string>;
};

/** Roles and tables of the field that every database needs, demo or not. Repeatable. */
export async function loadRoles(services: Services): Promise<void> {
  await services.db.withActor(systemActor("set-up"), async (tx) => {
    await tx
      .insert(role)
      .values(
        initialRoles.map((one) => ({
          code: one.code,
          nameZh: one.zh,
          nameEn: one.en,
          nameBo: one.bo,
        })),
      )
      .onConflictDoNothing();
    const grants = initialRoles.flatMap((one) =>
      one.permissions.map((permission) => ({ roleCode: one.code, permission })),
    );
    await tx.insert(rolePermission).values(grants).onConflictDoNothing();
    await loadDiseases(tx);
    await loadFeverRules(tx);
    await loadTriageRules(tx);
    await loadStarterFormulary(tx);
  });
}

/**
 * Load the demo into an empty database: directory and staff as rows, patients and consults through
 * the same services that the pages use, so that demo data can never be what the product could not make.
 * @param slides where slides of lectures are put; left out: the demo's lecture has none, and no case
 * @returns false when the database already has people
 */
export async function loadDemo(services: Services, slides?: SlideStore): Promise<boolean> {
  const system = systemActor("demo");
  const ids = await services.db.withActor(system, async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: person.id }).from(person).limit(1);
    if (existing) return null;
    const institutions = await insertDirectory(tx);
    return {
      institutions,
      people: await insertPeople(tx, institutions),
      patients: new Map<string, string>(),
    };
  });
  if (!ids) {
    await extendDemo(services);
    return false;
  }
  for (const patient of demoPatients) {
    const actor = demoActor(ids, patient.registeredBy);
    const registered = await asDemo(services, actor, (work) =>
      registerPatient(services, work, {
        fullName: patient.fullName,
        fullNameBo: patient.fullNameBo ?? null,
        sex: patient.sex,
        ageYears: patient.ageYears ?? null,
        residentId: patient.residentId ?? null,
        ethnicGroup: patient.ethnicGroup,
        language: patient.language,
        address: patient.address,
        unknownPerson: false,
        contacts: patient.contacts.map((contact) => ({ ...contact })),
      }),
    );
    ids.patients.set(patient.key, registered.patient.id);
  }
  await loadDemoConsults(services, ids);
  await loadDemoBooking(services, ids);
  await loadDemoFever(services, ids);
  await loadDemoCapacity(services, ids);
  if (await loadDemoSampling(services, ids)) await loadDemoLab(services, ids);
  await loadDemoHelpers(services, ids);
  await loadDemoRecords(services, ids);
  await loadDemoReferrals(services, ids);
  await loadDemoWard(services, ids);
  await loadDemoTeaching(services, ids, slides);
  await loadDemoPharmacies(services, ids);
  await loadDemoVisits(services, ids);
  await loadDemoPrices(services, ids);
  return true;
}

/** What later versions brought, for a demo database that was loaded by an earlier one. */
async function extendDemo(services: Services): Promise<void> {
  const ids = await services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const known = await findDemoIds(tx);
    if (known.people.size === 0) return null;
    const missing = demoPeople.filter(
      (one) =>
        !known.people.has(one.loginName) &&
        one.posts.every((post) => known.institutions.has(post.institution)),
    );
    if (missing.length === 0) return known;
    const passwordHash = await hashPassword(demoPassword);
    for (const one of missing)
      known.people.set(
        one.loginName,
        await insertPerson(tx, known.institutions, one, passwordHash),
      );
    return known;
  });
  if (!ids) return;
  await loadDemoBooking(services, ids);
  await loadDemoFever(services, ids);
  await loadDemoCapacity(services, ids);
  await loadDemoSampling(services, ids);
  await loadDemoRecords(services, ids);
  await loadDemoReferrals(services, ids);
  await loadDemoWard(services, ids);
  await loadDemoTeaching(services, ids);
  await loadDemoPharmacies(services, ids);
  await loadDemoPrices(services, ids);
}

async function insertDirectory(tx: Tx): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const one of demoInstitutions) {
    const [row] = await tx
      .insert(institution)
      .values({
        slug: one.slug,
        kind: one.kind,
        level: one.level,
        phone: one.phone,
        helpPhone: one.helpPhone,
        altitudeMetres: one.altitudeMetres,
        holidayCalendar: one.calendar,
        demo: true,
      })
      .returning({ id: institution.id });
    const institutionId = row!.id;
    ids.set(one.slug, institutionId);
    await tx.insert(institutionName).values(
      one.names.map(([language, name], position) => ({
        institutionId,
        language,
        name,
        position,
      })),
    );
    await tx.insert(department).values(
      one.departments.map(([slug, name, nameEn, specialtyCode]) => ({
        institutionId,
        slug,
        name,
        nameEn,
        nameBo: departmentsBo[name] ?? null,
        specialtyCode,
      })),
    );
    const weekdays = [1, 2, 3, 4, 5];
    await tx.insert(workingHours).values(
      weekdays.flatMap((weekday) =>
        one.hours.map(([startMinute, endMinute]) => ({
          institutionId,
          weekday,
          startMinute,
          endMinute,
        })),
      ),
    );
  }
  for (const one of demoAlliances) {
    const [row] = await tx
      .insert(alliance)
      .values({ name: one.name, nameEn: one.nameEn, kind: one.kind, demo: true })
      .returning({ id: alliance.id });
    await tx.insert(allianceMember).values(
      one.members.map((slug) => ({
        allianceId: row!.id,
        institutionId: ids.get(slug)!,
        lead: slug === one.lead,
      })),
    );
  }
  await tx.insert(agreement).values(
    demoAgreements.map(([inviting, invited]) => ({
      invitingInstitutionId: ids.get(inviting)!,
      invitedInstitutionId: ids.get(invited)!,
      signedOn: "2024-01-01",
    })),
  );
  await tx.insert(reportingSetting).values(
    demoReporting.map(([slug, cdc, dutyPhone]) => ({
      institutionId: ids.get(slug)!,
      validFrom: "2024-01-01",
      cdcInstitutionId: cdc ? ids.get(cdc)! : null,
      dutyPhone,
      source: "demo",
    })),
  );
  await tx.insert(holiday).values(
    demoHolidays.map(([calendar, day, name, nameEn, nameBo]) => ({
      calendar,
      day,
      name,
      nameEn,
      nameBo,
    })),
  );
  return ids;
}

async function insertPeople(
  tx: Tx,
  institutions: Map<string, string>,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const passwordHash = await hashPassword(demoPassword);
  for (const one of demoPeople)
    ids.set(one.loginName, await insertPerson(tx, institutions, one, passwordHash));
  return ids;
}

async function insertPerson(
  tx: Tx,
  institutions: Map<string, string>,
  one: DemoPerson,
  passwordHash: string,
): Promise<string> {
  const [row] = await tx
    .insert(person)
    .values({ name: one.name, nameBo: one.nameBo ?? null, nameEn: one.nameEn ?? null, demo: true })
    .returning({ id: person.id });
  const personId = row!.id;
  await tx.insert(staffAccount).values({ personId, loginName: one.loginName, passwordHash });
  if (one.title)
    await tx.insert(practitioner).values({
      personId,
      title: one.title,
      titleEn: one.titleEn ?? null,
      titleBo: one.title ? (titlesBo[one.title] ?? null) : null,
      practisingSince: one.practisingSince ?? null,
    });
  for (const post of one.posts) {
    const institutionId = institutions.get(post.institution)!;
    await tx
      .insert(roleAssignment)
      .values(post.roles.map((roleCode) => ({ personId, institutionId, roleCode })));
    if (!post.department || !one.title) continue;
    const [unit] = await tx
      .select({ id: department.id })
      .from(department)
      .where(
        sql`${department.institutionId} = ${institutionId} and ${department.slug} = ${post.department}`,
      );
    await tx
      .insert(practitionerPost)
      .values({ personId, institutionId, departmentId: unit!.id, posted: post.posted ?? false });
  }
  return personId;
}

/** A demo person at work in the first of his posts. */
export function demoActor(
  ids: Pick<DemoIds, "institutions" | "people">,
  loginName: string,
  institutionSlug?: string,
): StaffActor {
  const found = demoPeople.find((one) => one.loginName === loginName)!;
  const post = found.posts.find((one) => one.institution === institutionSlug) ?? found.posts[0]!;
  const permissions = initialRoles
    .filter((one) => post.roles.includes(one.code))
    .flatMap((one) => one.permissions);
  return {
    kind: "staff",
    personId: ids.people.get(loginName)!,
    institutionId: ids.institutions.get(post.institution)!,
    permissions: new Set(permissions),
    sessionId: "demo",
    name: found.name,
    language: "zh-CN",
  };
}

export function asDemo<Answer>(
  services: Services,
  actor: StaffActor,
  work: (work: Work<StaffActor>) => Promise<Answer>,
): Promise<Answer> {
  return services.db.withActor(actor, (tx) =>
    work({ tx, actor, origin: { correlationId: "demo", address: null }, now: services.clock() }),
  );
}
