import { i18n, t } from "../i18n/i18n.ts";
import { ApiError, writeHeaders } from "./client.ts";

/**
 * Reads an answer that comes as lines of JSON, the last of which says `end`.
 * @param body given: it is a POST with this content
 * @throws ApiError; a line that breaks amid is one without a line
 */
export async function readLines<Event extends { readonly type: string }>(
  path: string,
  { signal, body }: { signal: AbortSignal; body?: unknown },
  onEvent: (event: Event) => void,
): Promise<void> {
  const noLine = () =>
    new ApiError({
      code: "page.no-line",
      title: t("common.error.noLine"),
      detail: t("common.error.noLineDetail"),
    });
  const response = await fetch(path, {
    credentials: "same-origin",
    signal,
    ...(body === undefined
      ? { headers: { "accept-language": i18n.locale } }
      : {
          method: "POST",
          headers: { ...writeHeaders(), "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
  }).catch((cause: unknown) => {
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
    const { done, value } = await reader.read().catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      throw noLine();
    });
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as Event;
      isWhole ||= event.type === "end";
      onEvent(event);
    }
  }
  if (!isWhole && !signal.aborted) throw noLine();
}
