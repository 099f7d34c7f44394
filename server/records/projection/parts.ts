/** Every kind of rows with its part of the projection. */
import { bookingPart } from "./booking-part.ts";
import { capacityPart } from "./capacity-part.ts";
import { clinicDayPart, schedulePart } from "./clinic-part.ts";
import { consultPart } from "./consult-part.ts";
import { directoryPart } from "./directory-part.ts";
import { episodePart } from "./episode-part.ts";
import { feverPart } from "./fever-part.ts";
import type { ProjectionKind } from "./kinds.ts";
import { patientPart } from "./patient-part.ts";
import { prescriptionPart } from "./prescription-part.ts";
import type { ProjectionPart } from "./projected.ts";
import { referralPart } from "./referral-part.ts";
import { resultPart } from "./result-part.ts";
import { videoVisitPart } from "./video-visit-part.ts";

export const projectionParts: Readonly<Record<ProjectionKind, ProjectionPart>> = {
  directory: directoryPart,
  patient: patientPart,
  consult: consultPart,
  schedule: schedulePart,
  appointment: bookingPart,
  "clinic-day": clinicDayPart,
  "fever-visit": feverPart,
  "test-result": resultPart,
  referral: referralPart,
  episode: episodePart,
  "bed-unit": capacityPart,
  prescription: prescriptionPart,
  "video-visit": videoVisitPart,
};
