import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { useSession } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { i18n, t as say, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";

/** Where the last export of this tab is asked for; it belongs to whoever began it. */
const keptAt = "yilian.export";
const headers = () => ({ accept: "application/fhir+json", "accept-language": i18n.locale });

type File = { readonly type: string; readonly count: number; readonly path: string };
type Export =
  | { readonly state: "gone" }
  | { readonly state: "running"; readonly progress: string }
  | { readonly state: "done"; readonly expires: string | null; readonly files: readonly File[] };

/** All records of the institution as files, for whoever may read and answers for them. */
export function Exports() {
  const t = useText();
  const session = useSession();
  const [address, setAddress] = useState(() => sessionStorage.getItem(keptAt));
  const begin = useMutation({
    mutationFn: beginExport,
    onSuccess: (path) => {
      sessionStorage.setItem(keptAt, path);
      setAddress(path);
    },
  });
  const status = useQuery({
    queryKey: ["connections", "export", address],
    queryFn: ({ signal }) => readStatus(address ?? "", signal),
    enabled: address !== null,
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1500 : false),
  });
  const mayExport =
    session.data?.kind === "staff" &&
    session.data.permissions.includes("record.read") &&
    session.data.permissions.includes("record.manage");
  if (!mayExport) return null;
  const found = address === null ? undefined : status.data;
  return (
    <section className="connections-card" aria-labelledby="connections-export">
      <header className="row spread">
        <h2 id="connections-export">{t("connections.export.title")}</h2>
        <Button
          look="soft"
          busy={begin.isPending || found?.state === "running"}
          onClick={() => begin.mutate()}
        >
          {t("connections.export.begin")}
        </Button>
      </header>
      <p className="muted">{t("connections.export.how")}</p>
      <ProblemNotice error={begin.error ?? status.error} />
      {found?.state === "running" ? (
        <p role="status">
          <Status tone="info">{progressWords(found.progress)}</Status>
        </p>
      ) : null}
      {found?.state === "done" ? <Files found={found} /> : null}
    </section>
  );
}

function Files({ found }: { found: Extract<Export, { state: "done" }> }) {
  const t = useText();
  if (found.files.length === 0) return <p role="status">{t("connections.export.empty")}</p>;
  return (
    <>
      <p role="status">
        <Status tone="good">
          {t("connections.export.done", { time: found.expires ? dateTime(found.expires) : "—" })}
        </Status>
      </p>
      <ul className="connections-files">
        {found.files.map((file) => (
          <li key={file.path}>
            <a href={file.path} download={`${file.type}.ndjson`}>
              {t("connections.export.file", { type: file.type, count: file.count })}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** `Observation: 3 of 12 types, 1200 resources`, as the server says it to programs. */
function progressWords(progress: string): string {
  const [, at, of, count] = /(\d+) of (\d+) types, (\d+) resources/.exec(progress) ?? [];
  return at === undefined
    ? say("connections.export.waiting")
    : say("connections.export.progress", {
        at: Number(at),
        of: Number(of),
        count: Number(count),
      });
}

/** @returns path at which its status is read @throws ApiError */
async function beginExport(): Promise<string> {
  const response = await fetch("/fhir/$export", {
    headers: { ...headers(), prefer: "respond-async" },
    credentials: "same-origin",
  }).catch(() => null);
  const place = response?.headers.get("content-location");
  if (response?.status !== 202 || !place) throw await problemOf(response);
  return new URL(place, location.origin).pathname;
}

async function readStatus(path: string, signal: AbortSignal): Promise<Export> {
  const response = await fetch(path, {
    headers: { "accept-language": i18n.locale },
    credentials: "same-origin",
    signal,
  }).catch(() => null);
  if (response?.status === 202)
    return { state: "running", progress: response.headers.get("x-progress") ?? "" };
  // It is over, or it was somebody else's at this computer.
  if (response?.status === 404) return { state: "gone" };
  if (!response?.ok) throw await problemOf(response);
  const { output } = (await response.json()) as {
    output: { type: string; url: string; count: number }[];
  };
  return {
    state: "done",
    expires: response.headers.get("expires"),
    files: output.map(({ type, url, count }) => ({
      type,
      count,
      path: new URL(url, location.origin).pathname,
    })),
  };
}

/** What an OperationOutcome says, or that there is no line. */
async function problemOf(response: Response | null): Promise<ApiError> {
  const outcome = (await response?.json().catch(() => null)) as {
    issue?: { details?: { text?: string }; diagnostics?: string }[];
  } | null;
  const [issue] = outcome?.issue ?? [];
  return new ApiError({
    code: response ? "page.unreadable" : "page.no-line",
    title: issue?.details?.text ?? say(response ? "common.error.server" : "common.error.noLine"),
    detail: say(response ? "common.error.serverDetail" : "common.error.noLineDetail"),
    status: response?.status ?? 0,
  });
}
