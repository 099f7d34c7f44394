import { useQueryClient } from "@tanstack/react-query";
import type { SessionView } from "../../server/identity/contract.ts";
import { api, setCsrfToken } from "../api/client.ts";
import { type StaffView, sessionKey } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { useText } from "../i18n/i18n.ts";
import "./institution-switch.css";

/** For whom this person works now. A posted doctor serves two; changing it changes every page. */
export function InstitutionSwitch({ session }: { session: StaffView }) {
  const t = useText();
  const client = useQueryClient();
  const change = useWrite(
    (institutionId: string, key) =>
      api.post<SessionView>("/api/session/institution", { institutionId }, key),
    {
      onDone: (next) => {
        if ("csrfToken" in next) setCsrfToken(next.csrfToken);
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
        client.setQueryData(sessionKey, next);
        history.replaceState(null, "", "/workbench/");
      },
    },
  );
  if (session.institutions.length < 2)
    return (
      <span className="institution" title={session.institution.name}>
        {session.institution.name}
      </span>
    );
  return (
    <select
      className="institution institution-choice"
      aria-label={t("workbench.institution")}
      value={session.institution.id}
      disabled={change.isPending}
      onChange={(event) => change.mutate(event.target.value)}
    >
      {session.institutions.map((institution) => (
        <option key={institution.id} value={institution.id}>
          {institution.name}
        </option>
      ))}
    </select>
  );
}
