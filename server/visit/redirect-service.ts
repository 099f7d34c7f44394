/** What cannot be a visit by video goes on elsewhere in one step, with everything that is known. */
import type { z } from "zod";
import { assistHold, confirm } from "../booking/service.ts";
import { createConsult } from "../consult/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { createReferral } from "../referral/service.ts";
import { changeVisit, loadVisit, sidesOf, takeStep, writeStep } from "./change.ts";
import type { redirectBody, VisitDetail } from "./contract.ts";
import type { VisitRow } from "./repository.ts";
import { callbackContext, viewVisit } from "./view.ts";

type Redirect = z.output<typeof redirectBody>;

/**
 * @throws DomainError `visit.segment` without a time for an appointment, those of booking, consult and referral,
 *   `visit.illegal-step`, `visit.changed-meanwhile`, `permission.denied`
 */
export async function redirectVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: Redirect,
): Promise<VisitDetail> {
  const { actor, now } = work;
  assertPermission(actor, "visit.conduct");
  const row = await loadVisit(work, id);
  if (!sidesOf(actor, row).includes("doctor")) throw new DomainError("permission.denied");
  if (row.version !== body.version) throw new DomainError("visit.changed-meanwhile");
  const redirectId = await goOn(services, work, row, body);
  const decided =
    row.state === "in-visit" && row.decision === null ? await decideAgainst(work, row, body) : row;
  const changed = await takeStep(work, decided, {
    action: "redirect",
    version: decided.version,
    reason: body.note === "" ? body.reason : `${body.reason}: ${body.note}`,
    change: {
      redirectKind: body.kind,
      redirectReason: body.reason,
      redirectId,
      endedAt: now,
      dueAt: null,
      // Out of the queue it is whose it became.
      ...(row.state === "waiting" ? { doctorId: actor.personId } : {}),
    },
  });
  return viewVisit(services, work, changed);
}

/** Somebody who is sent on was looked at, and this is no follow-up: the decision is part of the file. */
async function decideAgainst(
  work: Work<StaffActor>,
  row: VisitRow,
  body: Redirect,
): Promise<VisitRow> {
  const changed = await changeVisit(work, row, row.version, {
    decision: "not-eligible",
    decisionReason: body.note === "" ? body.reason : body.note,
    decidedBy: work.actor.personId,
    decidedAt: work.now,
  });
  await writeStep(work, changed, {
    action: "not-eligible",
    from: row.state,
    reason: changed.decisionReason,
  });
  return changed;
}

async function goOn(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
  body: Redirect,
): Promise<string | null> {
  const said = [`${row.condition.text}：${row.reason}`, body.note].filter(Boolean).join("\n");
  const diagnoses = row.diagnoses.length > 0 ? row.diagnoses : [row.condition];
  const history = row.note.s === "" ? row.reason : row.note.s;
  const examination = row.note.o === "" ? null : row.note.o;
  switch (body.kind) {
    case "in-person":
      return null;
    case "appointment": {
      if (!body.segmentId) throw new DomainError("visit.segment");
      const held = await assistHold(work, {
        segmentId: body.segmentId,
        patientId: row.patientId,
        relation: row.relation,
        channel: "community-doctor",
        // The patient is in the room, or asked for it when asking for the visit.
        consent: "spoken",
      });
      const booked = await confirm(work, held.appointment.id);
      return booked.appointment.id;
    }
    case "consult": {
      const made = await createConsult(services, work, {
        patientId: row.patientId,
        content: {
          urgency: "routine",
          reason: said,
          complaint: row.reason,
          presentHistory: history,
          examination,
          provisionalDiagnoses: diagnoses,
          treatmentSoFar: row.note.p === "" ? null : row.note.p,
          callbackPhone: services.vault.open(callbackContext, row.callbackCipher),
        },
      });
      return made.id;
    }
    case "referral": {
      const made = await createReferral(services, work, {
        patientId: row.patientId,
        direction: "up",
        content: {
          urgency: "routine",
          reason: said,
          impression: diagnoses,
          presentHistory: history,
          examination,
          triageAssessmentId: row.assessmentId,
          treatmentSoFar: row.note.p === "" ? null : row.note.p,
        },
      });
      return made.id;
    }
  }
}
