import type { RecordEvent } from "../../server/records/record-contract.ts";
import { ApiError, writeHeaders } from "../api/client.ts";
import { i18n, t } from "../i18n/i18n.ts";

/**
 * Reads a federated record line by line, as its sources answer.
 * @param emergency the reason, when consent is passed over
 * @throws ApiError
 */
export async function readRecord(
  patientId: string,
  options: { source?: string | undefined; emergency: string | null; signal: AbortSignal },
  onEvent: (event: RecordEvent) => void,
): Promise<void> {
  const { source, emergency, signal } = options;
  const path = `/api/patients/${patientId}/record`;
  const noLine = () =>
    new ApiError({
      code: "page.no-line",
      title: t("common.error.noLine"),
      detail: t("common.error.noLineDetail"),
    });
  const response = await (emergency === null
    ? fetch(source ? `${path}?source=${encodeURIComponent(source)}` : path, {
        headers: { "accept-language": i18n.locale },
        credentials: "same-origin",
        signal,
      })
    : fetch(`${path}/emergency`, {
        method: "POST",
        headers: { ...writeHeaders(), "content-type": "application/json" },
        credentials: "same-origin",
        body: JSON.stringify({ reason: emergency, ...(source ? { source } : {}) }),
        signal,
      })
  ).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw noLine();
  });
  if (!response.ok || !response.body) {
    const problem = (await response.json().catch(() => null)) as ApiError | null;
    throw new ApiError({
      code: problem?.code ?? "page.unreadable",
      title: problem?.title ?? t("common.error.server"),
      detail: problem?.detail ?? t("common.error.serverDetail"),
      status: response.status,
    });
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let isWhole = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as RecordEvent;
      isWhole ||= event.type === "end";
      onEvent(event);
    }
  }
  if (!isWhole && !signal.aborted) throw noLine();
}
