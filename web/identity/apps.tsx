import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { grantList } from "../../server/smart/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { groupWords } from "../apps/group-words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { exit } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";
import "./devices.css";

/** Apps that I let see records, and the way to end it: from that moment they see nothing. */
export function Apps() {
  const t = useText();
  const nameOf = useNameOf();
  const own = useQuery({
    queryKey: ["account", "apps"],
    queryFn: ({ signal }) => api.get<z.infer<typeof grantList>>("/api/smart/grants", signal),
    staleTime: 0,
  });
  const end = useWrite((id: string, key) => api.post(`/api/smart/grants/${id}/end`, {}, key), {
    onDone: () => own.refetch(),
  });
  const grants = own.data?.grants ?? [];
  return (
    <Card title={t("apps.list.title")}>
      <p className="muted">{t("apps.list.why")}</p>
      <ul className="devices">
        {grants.map((one) => (
          <li key={one.id} className="device">
            <div className="device-words">
              <p>
                <strong>{one.app}</strong> <span className="muted">{nameOf(one.institution)}</span>
              </p>
              <p>
                {[one.patient, ...one.groups.map((group) => groupWords(group, t))]
                  .filter(Boolean)
                  .join(t("common.listSeparator"))}
              </p>
              <p className="muted small">
                {[
                  t("apps.list.since", { time: dayTime(one.grantedAt) }),
                  one.lastUsedAt ? t("apps.list.used", { time: dayTime(one.lastUsedAt) }) : null,
                  t("apps.list.until", { time: dayTime(one.until) }),
                ]
                  .filter(Boolean)
                  .join(t("common.listSeparator"))}
              </p>
            </div>
            <Button
              icon={exit}
              busy={end.isPending && end.variables === one.id}
              onClick={() => end.mutate(one.id)}
            >
              {t("apps.list.end")}
              <span className="visually-hidden">{` ${one.app}`}</span>
            </Button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={own.error} retry={() => void own.refetch()} />
      <ProblemNotice error={end.error} />
      <p role="status">
        {end.isSuccess ? <Status tone="good">{t("apps.list.ended")}</Status> : null}
        {own.data && grants.length === 0 && !end.isSuccess ? (
          <span className="muted">{t("apps.list.none")}</span>
        ) : null}
      </p>
    </Card>
  );
}
