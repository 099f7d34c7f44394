import type { Tx } from "../db/client.ts";
import { defaultReferralPolicy, type ReferralPolicy } from "./domain.ts";
import { findPolicyRow } from "./repository.ts";

/** An institution's clocks on a day: its own numbers over the defaults. */
export async function policyOf(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<ReferralPolicy> {
  const row = await findPolicyRow(tx, institutionId, day);
  const { validFrom: _since, ...defaults } = defaultReferralPolicy;
  return {
    emergencyMinutes: row?.emergencyMinutes ?? defaults.emergencyMinutes,
    urgentMinutes: row?.urgentMinutes ?? defaults.urgentMinutes,
    routineMinutes: row?.routineMinutes ?? defaults.routineMinutes,
    headMinutes: row?.headMinutes ?? defaults.headMinutes,
    administratorMinutes: row?.administratorMinutes ?? defaults.administratorMinutes,
    holdHours: row?.holdHours ?? defaults.holdHours,
    dutyPhone: row?.dutyPhone ?? null,
  };
}
