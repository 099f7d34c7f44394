/** Rows around referrals, read for many of them at once. */
import { and, asc, eq, inArray, isNotNull } from "drizzle-orm";
import type { CarriedResult } from "../../../fhir-mappings/carried-result.ts";
import { appointment } from "../../booking/schema.ts";
import type { Tx } from "../../db/client.ts";
import { department } from "../../directory/schema.ts";
import {
  episode,
  followUp,
  referral,
  referralMessage,
  referralStep,
} from "../../referral/schema.ts";
import { referralOutside } from "../../referral-outside/schema.ts";
import type { ReferralRow, StepRow } from "./referral-told.ts";

export type FollowUpRow = typeof followUp.$inferSelect;
export type MessageRow = typeof referralMessage.$inferSelect;

export type Around = {
  readonly episodeNumber: string;
  readonly steps: readonly StepRow[];
  readonly messages: readonly MessageRow[];
  readonly followUps: readonly FollowUpRow[];
  /** What it goes on from. */
  readonly previous: ReferralRow | null;
  /** Diagnoses of the ward have taken the place of the first ones. */
  readonly diagnosedBelow: boolean;
  readonly specialtyCode: string | null;
  /** Of one that came from a house outside: what its laboratories found. */
  readonly results: readonly CarriedResult[];
  /** The number that is kept or booked; null: none, or it was given back. */
  readonly appointment: { readonly startsAt: Date; readonly booked: boolean } | null;
};

/** @returns for each referral what belongs to it, in the order in which it came */
export async function readAround(
  tx: Tx,
  rows: readonly ReferralRow[],
): Promise<(row: ReferralRow) => Around> {
  const ids = rows.map((row) => row.id);
  const steps = await tx
    .select()
    .from(referralStep)
    .where(inArray(referralStep.referralId, ids))
    .orderBy(asc(referralStep.id));
  const messages = await tx
    .select()
    .from(referralMessage)
    .where(inArray(referralMessage.referralId, ids))
    .orderBy(asc(referralMessage.at), asc(referralMessage.id));
  const followUps = await tx
    .select()
    .from(followUp)
    .where(inArray(followUp.referralId, ids))
    .orderBy(asc(followUp.dueOn), asc(followUp.id));
  const episodes = await tx
    .select({ id: episode.id, number: episode.number })
    .from(episode)
    .where(inArray(episode.id, [...new Set(rows.map((row) => row.episodeId))]));
  const previous = await among(
    rows.flatMap((row) => row.previousId ?? []),
    (wanted) => tx.select().from(referral).where(inArray(referral.id, wanted)),
  );
  const below = await diagnosedBelow(tx, ids);
  const units = await among(
    rows.flatMap((row) => row.toDepartmentId ?? []),
    (wanted) => tx.select().from(department).where(inArray(department.id, wanted)),
  );
  const booked = await among(
    rows.flatMap((row) => row.appointmentId ?? []),
    (wanted) =>
      tx
        .select({ id: appointment.id, startsAt: appointment.startsAt, state: appointment.state })
        .from(appointment)
        .where(inArray(appointment.id, wanted)),
  );
  const carried = await tx
    .select({ id: referralOutside.referralId, results: referralOutside.results })
    .from(referralOutside)
    .where(inArray(referralOutside.referralId, ids));
  return (row) => ({
    episodeNumber: episodes.find((one) => one.id === row.episodeId)?.number ?? "",
    steps: steps.filter((one) => one.referralId === row.id),
    messages: messages.filter((one) => one.referralId === row.id),
    followUps: followUps.filter((one) => one.referralId === row.id),
    previous: previous.find((one) => one.id === row.previousId) ?? null,
    diagnosedBelow: below.has(row.id),
    specialtyCode: units.find((one) => one.id === row.toDepartmentId)?.specialtyCode ?? null,
    results: carried.find((one) => one.id === row.id)?.results ?? [],
    appointment: numberOf(booked.find((one) => one.id === row.appointmentId)),
  });
}

type NumberRow = Pick<typeof appointment.$inferSelect, "startsAt" | "state">;

/** A number that is only held is nobody's appointment yet, and one that was given back is none any more. */
function numberOf(found: NumberRow | undefined): Around["appointment"] {
  if (!found || ["lapsed", "cancelled", "clinic-stopped"].includes(found.state)) return null;
  return { startsAt: found.startsAt, booked: found.state !== "held" };
}

/** Ways up whose way down has left the ward with diagnoses of its own. */
export async function diagnosedBelow(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx
    .select({ previousId: referral.previousId, impression: referral.impression })
    .from(referral)
    .where(
      and(
        inArray(referral.previousId, [...ids]),
        eq(referral.direction, "down"),
        isNotNull(referral.dischargedAt),
      ),
    );
  return new Set(rows.flatMap((row) => (row.impression.length > 0 ? (row.previousId ?? []) : [])));
}

const among = async <Row>(
  ids: readonly string[],
  find: (ids: string[]) => Promise<Row[]>,
): Promise<Row[]> => (ids.length > 0 ? find([...new Set(ids)]) : []);
