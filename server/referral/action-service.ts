import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { giveBedBack, intoBed } from "./bed-service.ts";
import { type Acting, loadReferral, personOf, takeStep } from "./change.ts";
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
    case "askMore":
      return askMore(work, row, body);
    case "advise":
      return advise(work, row, body);
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
    case "markNoShow":
      return markNoShow(work, row, body);
    case "cancel":
    case "withdraw":
      return endBefore(work, row, body);
    case "refuseCancel":
    case "keep":
      return takeStep(work, row, { action: body.action, version, reason: body.reason });
    default:
      throw new DomainError("request.invalid");
  }
}

export async function arrive(
  work: Work<Acting>,
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
      ...(row.acceptedAt ? {} : { acceptedAt: now, acceptedBy: personOf(work.actor) }),
    },
  });
  await stopClocks(work, row);
  await tellSender(work, arrived, "referral-arrived");
  return arrived;
}

/** The handshake's other half: what was kept goes back. */
export async function confirmCancel(
  work: Work<Acting>,
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

/** Something has to be known first: the sender's turn. */
export async function askMore(
  work: Work<Acting>,
  row: ReferralRow,
  { version, reason }: { version: number; reason: string },
): Promise<ReferralRow> {
  const asked = await takeStep(work, row, { action: "askMore", version, reason });
  await stopClocks(work, row);
  await tellSender(work, asked, "referral-more-info");
  return asked;
}

/** No journey is needed: the answer is all. */
export async function advise(
  work: Work<Acting>,
  row: ReferralRow,
  { version, answer }: { version: number; answer: string },
): Promise<ReferralRow> {
  const advised = await takeStep(work, row, {
    action: "advise",
    version,
    change: { answer, outcome: answer },
  });
  await stopClocks(work, row);
  await tellSender(work, advised, "referral-advised");
  return advised;
}

export async function markNoShow(
  work: Work<Acting>,
  row: ReferralRow,
  { version, reason }: { version: number; reason: string },
): Promise<ReferralRow> {
  const missed = await takeStep(work, row, { action: "markNoShow", version, reason });
  await tellSender(work, missed, "referral-no-show");
  return missed;
}

/** Taken back before anybody had said yes: nobody is asked. */
export async function endBefore(
  work: Work<Acting>,
  row: ReferralRow,
  { action, version, reason }: { action: "cancel" | "withdraw"; version: number; reason: string },
): Promise<ReferralRow> {
  const ended = await takeStep(work, row, { action, version, reason });
  await giveBedBack(work, row, action);
  await giveSeatBack(work, row);
  await stopClocks(work, row);
  return ended;
}
