import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { accessList } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { eye } from "../design/icons.ts";
import { i18n, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";

/** Who has looked at my records, from where, what for. */
export function Access() {
  const t = useText();
  const access = useQuery({
    queryKey: ["my", "access"],
    queryFn: ({ signal }) => api.get<z.infer<typeof accessList>>("/api/my/access", signal),
  });
  const actionWords = (action: string) => {
    const id = `patient.access.action.${action}`;
    const words = i18n._(id);
    return words === id ? t("patient.access.action.other") : words;
  };
  return (
    <main id="main" className="phone-page">
      <header>
        <h1>{t("patient.access.title")}</h1>
        <p className="muted">{t("patient.access.how")}</p>
      </header>
      {access.isPending ? <Skeleton lines={6} /> : null}
      {access.isError ? (
        <ProblemNotice error={access.error} retry={() => void access.refetch()} />
      ) : null}
      {access.data?.entries.length === 0 ? (
        <Empty icon={eye} title={t("patient.access.empty")}>
          {t("patient.access.emptyHow")}
        </Empty>
      ) : null}
      {access.data && access.data.entries.length > 0 ? (
        <ul className="list">
          {access.data.entries.map((entry) => (
            <li key={entry.at + entry.who + entry.action}>
              <div className="list-words">
                <span className="strong">
                  {entry.who}
                  {entry.institution ? <span className="muted"> {entry.institution}</span> : null}
                </span>
                <span>
                  {actionWords(entry.action)}
                  {entry.purpose ? ` · ${entry.purpose}` : ""}
                </span>
                <time className="muted small figure" dateTime={entry.at}>
                  {dayTime(entry.at)}
                </time>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </main>
  );
}
