import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { giveBedBack, intoBed } from "./bed-service.ts";
import { loadReferral, takeStep } from "./change.ts";
import type { ActionBody, ReferralDetail } from "./contract.ts";
import {
  accept,
  askCancel,
  book,
  conclude,
  convert,
  giveBack,
  redirect,
  setOff,
  stopClocks,
  tellSender,
} from "./desk-service.ts";
import { discharge, takeOn } from "./down-service.ts";
import type { ReferralRow } from "./repository.ts";
import { answerMore, askPatient, submitReferral } from "./request-service.ts";
import { giveSeatBack } from "./seat-service.ts";
import { viewDetail } from "./view.ts";

/** Take one step of the state table as this reader. */
export async function act(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: ActionBody,
): Promise<ReferralDetail> {
  const row = await loadReferral(work, id);
  return viewDetail(services, work, await step(work, row, body));
}

async function step(
  work: Work<StaffActor>,
  row: ReferralRow,
  body: ActionBody,
): Promise<ReferralRow> {
  const { version } = body;
  switch (body.action) {
    case "submit":
      return submitReferral(work, row, body);
    case "askPatient":
      return askPatient(work, row, version);
    case "answerMore":
      return answerMore(work, row, version, body.text);
    case "accept":
      return accept(work, row, body);
    case "return":
    case "handBack":
      return giveBack(work, row, body);
    case "redirect":
      return redirect(work, row, body);
    case "convert":
      return convert(work, row, body);
    case "book":
      return book(work, row, body);
    case "setOff":
      return setOff(work, row, body);
    case "askCancel":
      return askCancel(work, row, body);
    case "conclude":
      return conclude(work, row, body);
    case "discharge":
      return discharge(work, row, version);
    case "takeOn":
      return takeOn(work, row, body);
    case "askMore": {
      const asked = await takeStep(work, row, { action: "askMore", version, reason: body.reason });
      await stopClocks(work, row);
      await tellSender(work, asked, "referral-more-info");
      return asked;
    }
    case "advise": {
      const advised = await takeStep(work, row, {
        action: "advise",
        version,
        change: { answer: body.answer, outcome: body.answer },
      });
      await stopClocks(work, row);
      await tellSender(work, advised, "referral-advised");
      return advised;
    }
    case "arrive":
      return arrive(work, row, version);
    case "admit": {
      const admitted = await takeStep(work, row, {
        action: "admit",
        version,
        reason: body.admissionNumber ?? null,
        change: { admittedAt: work.now },
      });
      await intoBed(work, row, body.expectedDischargeOn);
      await tellSender(work, admitted, "referral-admitted");
      return admitted;
    }
    case "readyForDown":
      return takeStep(work, row, { action: "readyForDown", version });
    case "confirmCancel":
      return confirmCancel(work, row, version);
    case "revise":
      return takeStep(work, row, {
        action: "revise",
        version,
        change: { submittedAt: null, respondBy: null, heldUntil: null, patientAskedAt: null },
      });
    case "markNoShow": {
      const missed = await takeStep(work, row, {
        action: "markNoShow",
        version,
        reason: body.reason,
      });
      await tellSender(work, missed, "referral-no-show");
      return missed;
    }
    case "cancel":
    case "withdraw": {
      const ended = await takeStep(work, row, {
        action: body.action,
        version,
        reason: body.reason,
      });
      await giveBedBack(work, row, body.action);
      await giveSeatBack(work, row);
      await stopClocks(work, row);
      return ended;
    }
    case "refuseCancel":
    case "keep":
      return takeStep(work, row, { action: body.action, version, reason: body.reason });
    default:
      throw new DomainError("request.invalid");
  }
}

async function arrive(
  work: Work<StaffActor>,
  row: ReferralRow,
  version: number,
): Promise<ReferralRow> {
  const { now } = work;
  const arrived = await takeStep(work, row, {
    action: "arrive",
    version,
    // Whoever stands at the door was taken over, whatever the desk had come to.
    change: {
      arrivedAt: now,
      ...(row.acceptedAt ? {} : { acceptedAt: now, acceptedBy: work.actor.personId }),
    },
  });
  await stopClocks(work, row);
  await tellSender(work, arrived, "referral-arrived");
  return arrived;
}

/** The handshake's other half: what was kept goes back. */
async function confirmCancel(
  work: Work<StaffActor>,
  row: ReferralRow,
  version: number,
): Promise<ReferralRow> {
  const cancelled = await takeStep(work, row, {
    action: "confirmCancel",
    version,
    change: { heldUntil: null },
  });
  await giveBedBack(work, row, "cancel");
  await giveSeatBack(work, row);
  await stopClocks(work, row);
  await tellSender(work, cancelled, "referral-cancelled");
  return cancelled;
}
