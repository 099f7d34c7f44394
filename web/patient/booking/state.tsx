import { Status, type Tone } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";

const tones: Record<AppointmentView["state"], Tone> = {
  held: "warn",
  booked: "good",
  "checked-in": "good",
  waiting: "good",
  "in-consultation": "good",
  completed: "quiet",
  passed: "warn",
  cancelled: "quiet",
  "no-show": "warn",
  "clinic-stopped": "bad",
  lapsed: "quiet",
};

/** How far an appointment is, in a word. */
export function StateBadge({ appointment }: { appointment: AppointmentView }) {
  const t = useText();
  const called = appointment.queue?.called;
  return (
    <Status tone={tones[appointment.state]}>
      {t(called ? "patient.booking.state.called" : `patient.booking.state.${appointment.state}`)}
    </Status>
  );
}
