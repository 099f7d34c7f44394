import { useState } from "react";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { useAct } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { Attach } from "./attach.tsx";
import { ReasonForm } from "./reason-form.tsx";

/** What the inviting side may do after it has asked. */
export function RequesterActions({ consult }: { consult: ConsultDetail }) {
  const t = useText();
  const [open, setOpen] = useState<"cancel" | "markAbsent" | null>(null);
  const act = useAct(consult.id, () => setOpen(null));
  const may = (action: ConsultDetail["actions"][number]) => consult.actions.includes(action);
  const asked = consult.steps.findLast((step) => step.action === "askMore")?.reason ?? "";
  return (
    <>
      {may("answerMore") ? (
        <>
          <ReasonForm
            title={t("workbench.more.title")}
            hint={asked}
            submit={t("workbench.more.send")}
            busy={act.isPending}
            onCancel={() => {}}
            onSubmit={(text) =>
              act.mutate({ action: "answerMore", version: consult.version, text })
            }
          />
          <Card title={t("consult.field.attachments")}>
            <Attach consult={consult} purpose="answer" />
          </Card>
        </>
      ) : null}
      <div className="action-bar">
        {may("archive") ? (
          <Button
            look="primary"
            busy={act.isPending}
            onClick={() => act.mutate({ action: "archive", version: consult.version })}
          >
            {t("workbench.archive.action")}
          </Button>
        ) : null}
        {may("markAbsent") ? (
          <Button aria-expanded={open === "markAbsent"} onClick={() => setOpen("markAbsent")}>
            {t("workbench.absent.action")}
          </Button>
        ) : null}
        {may("cancel") ? (
          <Button aria-expanded={open === "cancel"} onClick={() => setOpen("cancel")}>
            {t("workbench.cancel.action")}
          </Button>
        ) : null}
      </div>
      {open ? (
        <ReasonForm
          key={open}
          title={t(`workbench.${open === "cancel" ? "cancel" : "absent"}.title`)}
          hint={t(`workbench.${open === "cancel" ? "cancel" : "absent"}.hint`)}
          submit={t(`workbench.${open === "cancel" ? "cancel" : "absent"}.send`)}
          busy={act.isPending}
          onCancel={() => setOpen(null)}
          onSubmit={(reason) => act.mutate({ action: open, version: consult.version, reason })}
        />
      ) : null}
      <ProblemNotice error={act.error} />
    </>
  );
}
