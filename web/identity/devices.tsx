import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { ownSessions } from "../../server/identity/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { exit } from "../design/icons.ts";
import { type Translate, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import "./devices.css";

type Own = z.infer<typeof ownSessions>["sessions"][number];

/** A device as its owner would name it: `电脑 · Chrome · Windows`. */
function deviceWords({ device: { form, browser, system } }: Own, t: Translate): string {
  return [t(`devices.form.${form}`), browser, system].filter(Boolean).join(" · ");
}

/** Where I am signed in, and the way to end it there; the page over there leaves at once. */
export function Devices() {
  const t = useText();
  const own = useQuery({
    queryKey: ["account", "sessions"],
    queryFn: ({ signal }) => api.get<z.infer<typeof ownSessions>>("/api/account/sessions", signal),
    staleTime: 0,
  });
  const end = useWrite(
    async (id: string | null, key) => {
      if (id) await api.delete(`/api/account/sessions/${id}`, key);
      else await api.post("/api/account/sessions/end-others", {}, key);
    },
    { onDone: () => own.refetch() },
  );
  const sessions = own.data?.sessions ?? [];
  const others = sessions.filter((one) => !one.current);
  return (
    <Card title={t("devices.title")}>
      <p className="muted">{t("devices.why")}</p>
      {own.isPending ? <Skeleton lines={2} /> : null}
      <ul className="devices">
        {sessions.map((one) => (
          <li key={one.id} className="device">
            <div className="device-words">
              <p className="row">
                <strong>{deviceWords(one, t)}</strong>
                {one.current ? <Status tone="good">{t("devices.here")}</Status> : null}
                {one.locked ? <Status tone="quiet">{t("devices.locked")}</Status> : null}
              </p>
              {one.institution ? <p>{one.institution}</p> : null}
              <p className="muted small">
                {t("devices.since", { time: dayTime(one.startedAt) })}
                {one.current
                  ? null
                  : t("common.listSeparator") +
                    t("devices.seen", { time: dayTime(one.lastSeenAt) })}
              </p>
            </div>
            {one.current ? null : (
              <Button
                icon={exit}
                busy={end.isPending && end.variables === one.id}
                onClick={() => end.mutate(one.id)}
              >
                {t("devices.end")}
                <span className="visually-hidden">{` ${deviceWords(one, t)}`}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={own.error} retry={() => void own.refetch()} />
      <ProblemNotice error={end.error} />
      <p role="status">
        {end.isSuccess ? <Status tone="good">{t("devices.ended")}</Status> : null}
        {own.data && others.length === 0 && !end.isSuccess ? (
          <span className="muted">{t("devices.none")}</span>
        ) : null}
      </p>
      {others.length > 1 ? (
        <Button
          icon={exit}
          className="align-start"
          busy={end.isPending && end.variables === null}
          onClick={() => end.mutate(null)}
        >
          {t("devices.endOthers")}
        </Button>
      ) : null}
    </Card>
  );
}
