import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { institutionList } from "../../server/directory/routes.ts";
import type { closeDepartmentAnswer } from "../../server/referral/closed-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextArea } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

type Directory = (typeof institutionList)["_output"];
type Answer = (typeof closeDepartmentAnswer)["_output"];

/** A department takes nobody any more, or takes people again; how many referrals wait there is said. */
export function CloseDepartment({ departmentId }: { departmentId: string }) {
  const t = useText();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const directory = useQuery({
    queryKey: ["directory", "closed"],
    queryFn: ({ signal }) => api.get<Directory>("/api/directory/institutions", signal),
  });
  const save = useWrite(
    (body: { reason: string | null }, key) =>
      api.post<Answer>(`/api/departments/${departmentId}/close`, body, key),
    {
      onDone: () => {
        setAsking(false);
        void client.invalidateQueries({ queryKey: ["directory"] });
      },
    },
  );
  const unit = directory.data?.institutions
    .flatMap((house) => house.departments)
    .find((one) => one.id === departmentId);
  if (!unit) return null;
  return (
    <div className="stack">
      {unit.closedReason === null ? (
        <Button className="align-start" aria-expanded={asking} onClick={() => setAsking(!asking)}>
          {t("names.close.ask")}
        </Button>
      ) : (
        <Notice
          tone="warn"
          live={false}
          title={t("names.close.closed")}
          action={
            <Button busy={save.isPending} onClick={() => save.mutate({ reason: null })}>
              {t("names.close.open")}
            </Button>
          }
        >
          {unit.closedReason}
        </Notice>
      )}
      {asking && unit.closedReason === null ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
            save.mutate({ reason });
          }}
        >
          <p>{t("names.close.how")}</p>
          <TextArea
            name="reason"
            label={t("names.close.reason")}
            minLength={4}
            maxLength={300}
            required
          />
          <Button className="align-start" type="submit" look="primary" busy={save.isPending}>
            {t("names.close.now")}
          </Button>
        </form>
      ) : null}
      <ProblemNotice error={save.error} />
      {save.data && save.data.department.closedAt !== null ? (
        <p role="status">{t("names.close.done", { count: save.data.openReferrals })}</p>
      ) : null}
    </div>
  );
}
