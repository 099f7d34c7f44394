import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PrescriptionView } from "../../server/prescription/contract.ts";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { pen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { Editor } from "../prescription/editor.tsx";
import { useAct, useEncounters, usePrescription } from "../prescription/queries.ts";
import { Sheet } from "../prescription/review.tsx";
import "../prescription/prescription.css";

/** The prescription of this visit, in the editor that every visit has; the room stays where it is. */
export function Prescribe({ row, personId }: { row: VisitDetail; personId: string }) {
  const t = useText();
  const encounters = useEncounters();
  const [made, setMade] = useState<string | null>(null);
  const begin = useAct((one) => setMade(one.id));
  const begun = encounters.data?.encounters.find((one) => one.id === row.id)?.prescriptionId;
  const id = made ?? begun ?? null;
  return (
    <Card title={t("visit.prescribe")}>
      {id ? (
        <One key={id} id={id} personId={personId} />
      ) : (
        <>
          <ProblemNotice error={begin.error ?? encounters.error} />
          <Button
            look="soft"
            icon={pen}
            busy={begin.isPending}
            onClick={() =>
              begin.mutate({
                path: "/api/prescriptions",
                body: {
                  encounterKind: "video-visit",
                  encounterId: row.id,
                  patientId: row.patient.id,
                },
              })
            }
          >
            {t("visit.prescribeNow")}
          </Button>
        </>
      )}
    </Card>
  );
}

function One({ id, personId }: { id: string; personId: string }) {
  const client = useQueryClient();
  const row = usePrescription(id);
  if (row.isPending) return <Skeleton lines={6} />;
  if (!row.data) return <ProblemNotice error={row.error} retry={() => void row.refetch()} />;
  const { data } = row;
  return (
    <div className="rx">
      {data.state === "draft" && data.actions.includes("sign") ? (
        <Editor
          row={data}
          personId={personId}
          onChanged={(answer: PrescriptionView) =>
            client.setQueryData(["prescription", id], answer)
          }
        />
      ) : (
        <Sheet row={data} />
      )}
    </div>
  );
}
