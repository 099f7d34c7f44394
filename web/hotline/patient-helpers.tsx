import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { PatientHelpers as Answer } from "../../server/helpers/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

/** Whose word stands for the patient on the line: taken back here when the patient says so. */
export function PatientHelpers({ patientId }: { patientId: string }) {
  const t = useText();
  const client = useQueryClient();
  const key = ["helpers", patientId];
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Answer>(`/api/patients/${patientId}/helpers`, signal),
  });
  const revoke = useWrite(
    (id: string, idempotency) => api.post(`/api/helper-consents/${id}/revoke`, {}, idempotency),
    { onDone: () => client.invalidateQueries({ queryKey: key }) },
  );
  const helpers = found.data?.helpers ?? [];
  if (helpers.length === 0) return null;
  return (
    <Card title={t("hotline.side.helpers")}>
      <ul className="hotline-rows">
        {helpers.map((one) => (
          <li key={one.consentId}>
            <span>
              <span className="strong">{one.name}</span>{" "}
              <span className="muted small">{t(`hotline.helpers.kind.${one.kind}`)}</span>
            </span>
            <Button
              look="quiet"
              busy={revoke.isPending}
              onClick={() => revoke.mutate(one.consentId)}
            >
              {t("hotline.helpers.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={revoke.error} />
    </Card>
  );
}
