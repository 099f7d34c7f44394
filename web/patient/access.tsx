import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { accessList } from "../../server/patients/contract.ts";
import type { ownAccess } from "../../server/records/own-contract.ts";
import { api } from "../api/client.ts";
import { Empty } from "../design/components/empty.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { eye } from "../design/icons.ts";
import { i18n, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime, isoDate } from "../i18n/time.ts";

type Entry = z.infer<typeof accessList>["entries"][number];

/** What one person did over and over on one day is one line with its count; the list is newest first. */
function gathered(entries: readonly Entry[]): (Entry & { count: number })[] {
  const lines = new Map<string, Entry & { count: number }>();
  for (const entry of entries) {
    const key = [
      entry.who,
      entry.institution,
      entry.action,
      entry.source,
      entry.reason,
      isoDate(entry.at),
    ].join("|");
    const line = lines.get(key);
    if (line) line.count += 1;
    else lines.set(key, { ...entry, count: 1 });
  }
  return [...lines.values()];
}

/** Who has looked at my records, from where, what for. */
export function Access() {
  const t = useText();
  const nameOf = useNameOf();
  const access = useQuery({
    queryKey: ["my", "access"],
    queryFn: ({ signal }) => api.get<z.infer<typeof accessList>>("/api/my/access", signal),
  });
  // What the hospitals' own stores noted comes beside it when they have answered.
  const stores = useQuery({
    queryKey: ["my", "record", "access"],
    queryFn: ({ signal }) => api.get<z.infer<typeof ownAccess>>("/api/my/record/access", signal),
  });
  const entries = [...(access.data?.entries ?? []), ...(stores.data?.entries ?? [])].toSorted(
    (a, b) => b.at.localeCompare(a.at),
  );
  // A code that is newer than this page still reads as a sentence.
  const known = (id: string, otherwise: string) => {
    const words = i18n._(id);
    return words === id ? otherwise : words;
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
      {stores.isError ? (
        <ProblemNotice error={stores.error} retry={() => void stores.refetch()} />
      ) : null}
      {stores.data && stores.data.silent.length > 0 ? (
        <Notice live={false}>
          {t("patient.access.silent", {
            names: stores.data.silent.map(nameOf).join(t("common.listSeparator")),
          })}
        </Notice>
      ) : null}
      {access.data && !stores.isPending && entries.length === 0 ? (
        <Empty icon={eye} title={t("patient.access.empty")}>
          {t("patient.access.emptyHow")}
        </Empty>
      ) : null}
      {access.data && entries.length > 0 ? (
        <ul className="list">
          {gathered(entries).map((entry) => (
            <li key={entry.at + entry.who + entry.action + entry.source}>
              <div className="list-words">
                <span className="strong">
                  {entry.who}
                  {entry.institution ? <span className="muted"> {entry.institution}</span> : null}
                </span>
                <span>
                  {[
                    known(
                      `patient.access.action.${entry.action}`,
                      t("patient.access.action.other"),
                    ),
                    entry.source,
                    entry.purpose
                      ? known(`patient.access.purpose.${entry.purpose}`, entry.purpose)
                      : null,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
                {entry.reason ? (
                  <span>{t("patient.access.reason", { reason: entry.reason })}</span>
                ) : null}
                <time className="muted small figure" dateTime={entry.at}>
                  {entry.count > 1
                    ? t("patient.access.times", { count: entry.count, time: dayTime(entry.at) })
                    : dayTime(entry.at)}
                </time>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </main>
  );
}
