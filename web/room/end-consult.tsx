import { useState } from "react";
import { useAct, useConsult } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { TextArea } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { useRoom } from "./room-context.ts";

/** Ends the meeting for all, or notes an interruption that will be resumed. */
export function EndConsult() {
  const t = useText();
  const { consultId } = useRoom();
  const consult = useConsult(consultId);
  const [reason, setReason] = useState("");
  const [open, setOpen] = useState<"end" | "interrupt" | null>(null);
  const act = useAct(consultId, () => setOpen(null));
  const detail = consult.data;
  const may = (action: "end" | "interrupt") => detail?.actions.includes(action) ?? false;
  if (!detail || (!may("end") && !may("interrupt"))) return null;
  return (
    <section className="side-section">
      <h2>{t("room.end.title")}</h2>
      <div className="row">
        {may("end") ? (
          <Button aria-expanded={open === "end"} onClick={() => setOpen("end")}>
            {t("room.end.end")}
          </Button>
        ) : null}
        {may("interrupt") ? (
          <Button aria-expanded={open === "interrupt"} onClick={() => setOpen("interrupt")}>
            {t("room.end.interrupt")}
          </Button>
        ) : null}
      </div>
      {open === "end" ? (
        <div className="stack stack-2">
          <p>{t("room.end.endWhat")}</p>
          <div className="row">
            <Button
              look="danger"
              busy={act.isPending}
              onClick={() => act.mutate({ action: "end", version: detail.version })}
            >
              {t("room.end.endNow")}
            </Button>
            <Button look="quiet" onClick={() => setOpen(null)}>
              {t("common.cancel")}
            </Button>
          </div>
        </div>
      ) : null}
      {open === "interrupt" ? (
        <form
          className="stack stack-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim())
              act.mutate({ action: "interrupt", version: detail.version, reason: reason.trim() });
          }}
        >
          <TextArea
            label={t("room.end.reason")}
            rows={2}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" busy={act.isPending} className="align-start">
            {t("room.end.interrupt")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={act.error} />
    </section>
  );
}
