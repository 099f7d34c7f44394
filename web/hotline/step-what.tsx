import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AppointmentView } from "../../server/booking/contract.ts";
import type { ServiceKind } from "../../server/booking/domain.ts";
import { api } from "../api/client.ts";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Appointment } from "./appointment.tsx";
import { Choices } from "./choices.tsx";
import type { CallView } from "./queries.ts";
import { inWords } from "./words.ts";

const kinds: readonly ServiceKind[] = ["clinic", "fever-clinic", "test"];

/** What the call is about: a new booking, or one that there is already. */
export function StepWhat({
  call,
  onKind,
  onEnded,
  busy,
}: {
  call: CallView;
  onKind: (kind: ServiceKind) => void;
  onEnded: (outcome: "cancelled" | "moved" | "place-told" | "nothing") => void;
  busy: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const [chosen, setChosen] = useState<string | null>(null);
  const own = useQuery({
    queryKey: ["booking", "call", call.id],
    queryFn: ({ signal }) =>
      api.get<{ appointments: AppointmentView[] }>(
        `/api/hotline/calls/${call.id}/appointments`,
        signal,
      ),
  });
  const appointments = own.data?.appointments ?? [];
  const one = appointments.find((appointment) => appointment.id === chosen);
  if (one)
    return (
      <Appointment appointment={one} onBack={() => setChosen(null)} onEnded={onEnded} busy={busy} />
    );
  return (
    <Card strong title={t("hotline.what.title")}>
      <Choices
        label={t("hotline.what.title")}
        busy={busy}
        options={[
          ...kinds.map((kind) => ({ id: kind, label: t(`hotline.kind.${kind}`) })),
          ...appointments.map((appointment) => ({
            id: appointment.id,
            label: t("hotline.what.existing", {
              time: dayTime(appointment.startsAt),
              hospital: inWords(appointment.institution.name, language),
            }),
            hint: [
              inWords(appointment.department.name, language),
              appointment.queue && !appointment.queue.called
                ? t("hotline.ahead", { count: appointment.queue.ahead })
                : t(`hotline.state.${appointment.state}`),
              appointment.code,
            ].join(" · "),
          })),
        ]}
        onChoose={(id) =>
          kinds.includes(id as ServiceKind) ? onKind(id as ServiceKind) : setChosen(id)
        }
      />
      <ProblemNotice error={own.error} retry={() => void own.refetch()} />
    </Card>
  );
}
