import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";

type Source = { paused: boolean };

/** Stops one institution's records and lets them answer again, so that the room can name who is down. */
export function RecordSource() {
  const t = useText();
  const [source, setSource] = useState<Source | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    api
      .get<Source>("/api/demo/story/source", controller.signal)
      .then(setSource)
      .catch(() => {});
    return () => controller.abort();
  }, []);
  const change = useWrite(
    (paused: boolean) => api.post<Source>("/api/demo/story/source", { paused }),
    {
      onDone: setSource,
    },
  );
  if (!source) return null;
  return (
    <li>
      <div className="grow">
        <p className="row">
          <span className="strong">{t("story.source.title")}</span>
          <Status tone={source.paused ? "warn" : "good"}>
            {source.paused ? t("story.source.stopped") : t("story.source.answers")}
          </Status>
        </p>
        <p className="muted small">
          {source.paused ? t("story.source.down") : t("story.source.up")}
        </p>
        <ProblemNotice error={change.error} />
      </div>
      <Button look="soft" busy={change.isPending} onClick={() => change.mutate(!source.paused)}>
        {source.paused ? t("story.source.start") : t("story.source.stop")}
      </Button>
    </li>
  );
}
