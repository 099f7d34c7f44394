import { DomainError } from "./domain-error.ts";

/** What a violated constraint means to a person. Constraints are the last word; these are its sentences. */
const constraintCodes = {
  referral_state_order: "referral.illegal-step",
  referral_parties: "referral.illegal-step",
  referral_stamp: "referral.illegal-step",
  referral_version: "referral.changed-meanwhile",
  referral_consent: "referral.consent-missing",
  referral_consent_evidence: "consent.evidence",
  referral_consent_fixed: "request.invalid",
  referral_to_another: "referral.same-house",
  referral_has_target: "referral.incomplete",
  referral_formulary: "referral.formulary",
  referral_episode: "referral.episode-closed",
  episode_open_loop: "referral.open-loop",
  episode_state_order: "referral.episode-closed",
  episode_version: "referral.changed-meanwhile",
  transfer_once: "transfer.changed-meanwhile",
  transfer_state_order: "transfer.illegal-step",
  transfer_version: "transfer.changed-meanwhile",
  transfer_parties: "transfer.illegal-step",
  transfer_signed_stands: "transfer.illegal-step",
  transfer_of_referral: "transfer.of-referral",
  transfer_vehicle_free: "transfer.vehicle-busy",
  transfer_negative_pressure: "transfer.negative-pressure",
  follow_up_version: "referral.changed-meanwhile",
  follow_up_state_order: "referral.illegal-step",
  consult_state_order: "consult.illegal-step",
  consult_parties: "consult.illegal-step",
  consult_signed_opinion: "consult.illegal-step",
  consult_content: "consult.illegal-step",
  consult_stamp: "consult.illegal-step",
  consult_archive: "consult.illegal-step",
  consult_under_agreement: "consult.no-agreement",
  consult_sent_under_agreement: "consult.no-agreement",
  consult_version: "consult.changed-meanwhile",
  observer_consent: "consult.observer-consent",
  opinion_signed: "opinion.signed",
  consent_evidence: "consent.evidence",
  consent_emergency: "consent.evidence",
  critical_value_state_order: "reporting.illegal-step",
  critical_value_stamp: "reporting.illegal-step",
  critical_value_receiver: "reporting.receiver",
  critical_value_other: "reporting.receiver",
  critical_value_receiver_post: "reporting.receiver",
  infectious_report_state_order: "reporting.illegal-step",
  infectious_report_stamp: "reporting.illegal-step",
  infectious_report_clock: "reporting.disease",
  infectious_report_on_its_way: "reporting.already-reported",
  reporting_version: "reporting.changed-meanwhile",
  sampling_version: "sampling.changed-meanwhile",
  sampling_duty_once: "sampling.sampler-busy",
  sampling_site_schedule: "sampling.schedule",
  sampling_site_schedule_id_unique: "sampling.schedule",
  sampling_site_booked: "sampling.schedule-booked",
  sampling_station_sampler_once: "sampling.sampler-busy",
  sampling_order_two_persons: "sampling.two-persons",
  surge_of_order: "surge.order-used",
  surge_state_order: "surge.illegal-step",
  surge_fixed: "surge.changed-meanwhile",
  surge_order_confirmed: "sampling.order-unconfirmed",
  lab_version: "lab.changed-meanwhile",
  lab_finding_order: "lab.changed-meanwhile",
  lab_finding_open_once: "lab.changed-meanwhile",
  lab_finding_report_once: "lab.changed-meanwhile",
  lab_finding_corrects: "lab.changed-meanwhile",
  lab_finding_tube: "sampling.illegal-step",
  lab_finding_two_persons: "lab.two-persons",
  lab_result_two_persons: "lab.two-persons",
  lab_result_replaced_once: "lab.changed-meanwhile",
  lab_result_first: "lab.changed-meanwhile",
  lab_result_time: "request.invalid",
  tube_state_order: "sampling.illegal-step",
  tube_fixed: "sampling.illegal-step",
  tube_result_row: "sampling.illegal-step",
  recall_state_order: "sampling.illegal-step",
  test_registration_state_order: "sampling.illegal-step",
  courier_run_order: "sampling.illegal-step",
  courier_run_two_persons: "sampling.two-persons",
  paper_code_one_valid: "paper-code.reissued-meanwhile",
  health_card_resolved: "card.none",
  paper_code_age: "paper-code.not-entitled",
  bed_hold_one_per_bed: "capacity.bed-not-free",
  bed_hold_free: "capacity.bed-not-free",
  bed_hold_stands: "capacity.hold-ended",
  bed_hold_one_per_reference: "capacity.changed-meanwhile",
  bed_hold_one_per_patient: "capacity.changed-meanwhile",
  bed_stay_one_patient: "capacity.bed-not-free",
  bed_stay_one_bed: "capacity.patient-in-bed",
  bed_stay_free: "capacity.bed-not-free",
  bed_stay_stands: "capacity.changed-meanwhile",
  bed_in_use: "capacity.bed-in-use",
  bed_stands: "capacity.changed-meanwhile",
  bed_label: "capacity.name-taken",
  bed_unit_name: "capacity.name-taken",
  bed_unit_mode_by_switch: "capacity.switch-step",
  bed_disinfect_first: "capacity.disinfect-first",
  bed_disinfection_time: "capacity.switch-step",
  bed_disinfection_once: "capacity.changed-meanwhile",
  mode_switch_order: "capacity.switch-step",
  mode_switch_version: "capacity.changed-meanwhile",
  mode_switch_too_early: "capacity.switch-early",
  mode_switch_patients: "capacity.switch-patients",
  mode_switch_disinfect_first: "capacity.disinfect-first",
  mode_switch_two_persons: "capacity.two-persons",
  mode_switch_order_number: "capacity.order-number",
  mode_switch_one_open: "capacity.switch-open",
  mode_switch_transfer_stands: "capacity.switch-step",
  mode_switch_transfer_where: "request.invalid",
  staff_absence_once: "capacity.absence-overlap",
  staff_absence_person: "capacity.absence-person",
  staff_absence_cover: "capacity.absence-person",
  staff_absence_stands: "capacity.changed-meanwhile",
  staff_absence_days: "request.invalid",
  capacity_policy_dated: "capacity.policy-dated",
  capacity_policy_sane: "request.invalid",
  fever_version: "fever.changed-meanwhile",
  fever_visit_state_order: "fever.illegal-step",
  fever_visit_stamp: "fever.illegal-step",
  fever_visit_vehicle: "fever.illegal-step",
  fever_visit_room: "fever.room-first",
  fever_visit_report_first: "fever.report-first",
  fever_visit_once: "fever.already-here",
  fever_visit_appointment: "fever.already-here",
  fever_room_one_patient: "fever.room-taken",
  fever_room_in_use: "fever.room-in-use",
  fever_room_institution_id_name_unique: "fever.room-name",
  fever_stay_one_room: "fever.room-taken",
  fever_stay_house: "fever.room-taken",
  fever_visit_sample_code_unique: "fever.sample-taken",
  fever_transfer_order: "fever.illegal-step",
  fever_policy_second_clinician: "fever.second-clinician",
  fever_policy_stands: "fever.version-stands",
  fever_policy_sane: "fever.version-numbers",
  fever_policy_lookback: "fever.version-numbers",
  fever_policy_region_version_unique: "fever.changed-meanwhile",
  appointment_fever_block: "fever.booking-replaced",
  hotline_version: "hotline.changed-meanwhile",
  hotline_state_order: "hotline.step",
  hotline_flag: "hotline.flagged",
  hotline_holder: "hotline.held-elsewhere",
  hotline_screened: "hotline.questions-first",
  helper_consent: "helper.no-consent",
  staff_account_login_name_unique: "account.login-taken",
} as const;

type PostgresError = { code?: string; constraint_name?: string; message?: string };

const connectionCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "57P01",
  "57P02",
  "57P03",
  // Two who waited for each other: nothing was changed, and trying again succeeds.
  "40P01",
]);

/** A value that the schema let through and the database cannot hold: U+0000, a year 200000. */
const unreadableCodes = new Set(["22021", "22P05", "22P02", "22003", "22007", "22008"]);

/**
 * A database error as a refusal, or null when it is none of ours.
 * Row policies answer 42501: to the caller the row is not there.
 */
export function fromDatabase(error: unknown): DomainError | null {
  const found = postgresError(error);
  if (!found?.code) return null;
  if (connectionCodes.has(found.code)) return new DomainError("service.unavailable");
  if (unreadableCodes.has(found.code)) return new DomainError("request.invalid");
  if (found.code === "42501") return new DomainError("permission.denied");
  const code = constraintCodes[found.constraint_name as keyof typeof constraintCodes];
  return code ? new DomainError(code) : null;
}

/** Drizzle wraps the driver's error as `cause`. */
function postgresError(error: unknown): PostgresError | null {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 4; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current as PostgresError;
    current = current.cause;
  }
  return null;
}
