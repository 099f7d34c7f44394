import type { StaffView } from "../api/session.ts";

const reporting = [
  "critical-value.raise",
  "critical-value.receive",
  "infectious-report.report",
  "infectious-report.receive",
  "infectious-report.file",
];

/** Whether critical values or reports are this person's work here. */
export function mayReport({ permissions }: Pick<StaffView, "permissions">): boolean {
  return reporting.some((permission) => permissions.includes(permission));
}

/** Whether consults are this person's work here. */
export function mayConsult({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.some((permission) => permission.startsWith("consult."));
}

/** Whether referrals, up or down, are this person's work here. */
export function mayRefer({ permissions }: Pick<StaffView, "permissions">): boolean {
  return ["referral.request", "referral.desk", "referral.ward"].some((one) =>
    permissions.includes(one),
  );
}

/** Whether seeing again who came home is this person's work here. */
export function mayFollowUp({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("referral.follow-up");
}

/** Whether calling the patients of a clinic is this person's work here. */
export function runsClinic({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("booking.clinic");
}

/** Whether the hotline, or calls that it hands over, are this person's work here. */
export function mayHotline({ permissions }: Pick<StaffView, "permissions">): boolean {
  return ["booking.assist", "hotline.triage", "hotline.rules"].some((one) =>
    permissions.includes(one),
  );
}

/** Whether somebody books for elders as a registered helper here. */
export function mayHelp({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("booking.help");
}

/** Whether sites and stations of sampling are this person's work here. */
export function leadsSampling({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("sampling.lead");
}

/** Whether opening many stations for an evening, or watching them, is this person's work here. */
export function seesSurges({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("surge.command") || permissions.includes("sampling.lead");
}

/** Whether swabs or their transport are, done on the phone's page. */
export function worksInSampling({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("sampling.collect") || permissions.includes("sampling.courier");
}

/** Whether prescriptions are this person's work here: writing, reviewing or filling them. */
export function seesPrescriptions({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.some((permission) => permission.startsWith("prescription."));
}

/** Whether tubes and results are this person's work here. */
export function worksInLab({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("lab.receive") || permissions.includes("lab.report");
}

/** Whether feverish people are this person's work here. */
export function seesFever({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.some((permission) => permission.startsWith("fever."));
}

/** Whether clinics and their rules are this person's work here. */
export function mayManageSchedules({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("booking.manage");
}

/** Whether handing out paper codes is this person's work here. */
export function issuesPaperCodes({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("paper-code.issue") && permissions.includes("patient.read");
}

/** Whether how long results and paper codes count is this person's to enter or to check. */
export function seesCardPolicies({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("card.policy") || permissions.includes("infectious-report.receive");
}

/** Whether reading clinical records of all institutions is this person's work here. */
export function readsRecords({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("record.read") && permissions.includes("patient.read");
}

/** Whether planning, giving or hearing teaching broadcasts is this person's work here. */
export function seesTeaching({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.some((permission) => permission.startsWith("teaching."));
}

/** Whether free beds are of use to this person's work here. */
export function seesCapacity({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("capacity.view");
}

/** Whether the beds of the own wards, or their switch to an emergency, are this person's work here. */
export function runsWards({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("capacity.manage") || permissions.includes("capacity.switch");
}

/** Whether asking where somebody should go, or the rules behind it, are this person's work here. */
export function seesTriage({ permissions }: Pick<StaffView, "permissions">): boolean {
  return permissions.includes("triage.assess") || permissions.includes("triage.rules");
}
