import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { OutsideForm } from "./outside-form.tsx";
import { OutsideHouse } from "./outside-house.tsx";
import { PauseForm } from "./pause-form.tsx";
import {
  type OutsideList,
  type OutsideServer,
  useOutside,
  usePauseOutside,
  useRemoveOutside,
  useTestOutside,
} from "./queries.ts";

/** FHIR servers elsewhere that this institution connected: how each stands, and what may be done with it. */
export function Outside() {
  const t = useText();
  const outside = useOutside();
  const [adding, setAdding] = useState(false);
  return (
    <section className="connections-card" aria-labelledby="connections-outside">
      <header className="row spread">
        <h2 id="connections-outside">{t("connections.outside.title")}</h2>
        <Button look="soft" icon={plus} aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {t("connections.outside.add")}
        </Button>
      </header>
      <p className="muted">{t("connections.outside.how")}</p>
      {adding && outside.data ? (
        <OutsideForm of={null} ownKey={outside.data.key} onDone={() => setAdding(false)} />
      ) : null}
      {outside.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={outside.error} retry={() => void outside.refetch()} />
      {outside.data?.servers.length === 0 && !adding ? (
        <p className="muted">{t("connections.outside.none")}</p>
      ) : null}
      <ul className="connections-list">
        {outside.data?.servers.map((server) => (
          <ServerRow key={server.id} server={server} ownKey={outside.data.key} />
        ))}
      </ul>
    </section>
  );
}

type Open = "edit" | "pause" | "remove" | null;

function ServerRow({ server, ownKey }: { server: OutsideServer; ownKey: OutsideList["key"] }) {
  const t = useText();
  const [open, setOpen] = useState<Open>(null);
  const test = useTestOutside();
  const pause = usePauseOutside();
  const remove = useRemoveOutside();
  const { name } = server;
  const toggle = (what: Open) => setOpen(open === what ? null : what);
  return (
    <li>
      <div className="row spread">
        <div>
          <h3>{name}</h3>
          <p className="muted connections-address">{server.base}</p>
          <p className="muted">
            <Facts server={server} />
          </p>
        </div>
        <ServerStatus server={server} />
      </div>
      {server.pausedAt !== null ? (
        <p>
          {t("connections.outside.pausedWhy", {
            time: dateTime(server.pausedAt),
            reason: server.pauseReason ?? "",
          })}
        </p>
      ) : null}
      {server.testFault ? (
        <Notice
          tone="warn"
          live={false}
          title={t(`connections.test.fault.${server.testFault}`, { status: "—" })}
        />
      ) : null}
      <div className="row">
        <Button
          look="soft"
          busy={test.isPending}
          aria-label={t("connections.outside.testOf", { name })}
          onClick={() => test.mutate(server.id)}
        >
          {t("connections.outside.test")}
        </Button>
        <Button
          look="quiet"
          aria-expanded={open === "edit"}
          aria-label={t("connections.outside.editOf", { name })}
          onClick={() => toggle("edit")}
        >
          {t("connections.outside.edit")}
        </Button>
        {server.pausedAt === null ? (
          <Button
            look="quiet"
            aria-expanded={open === "pause"}
            aria-label={t("connections.outside.pauseOf", { name })}
            onClick={() => toggle("pause")}
          >
            {t("connections.pause")}
          </Button>
        ) : (
          <Button
            busy={pause.isPending}
            aria-label={t("connections.outside.resumeOf", { name })}
            onClick={() => pause.mutate({ id: server.id, paused: false })}
          >
            {t("connections.resume")}
          </Button>
        )}
        <Button
          look="quiet"
          aria-expanded={open === "remove"}
          aria-label={t("connections.outside.removeOf", { name })}
          onClick={() => toggle("remove")}
        >
          {t("connections.outside.remove")}
        </Button>
      </div>
      <OutsideHouse connectionId={server.id} name={name} />
      {open === "edit" ? (
        <OutsideForm of={server} ownKey={ownKey} onDone={() => setOpen(null)} />
      ) : null}
      {open === "pause" && server.pausedAt === null ? (
        <PauseForm
          how={t("connections.outside.pauseHow")}
          busy={pause.isPending}
          onPause={(reason) =>
            pause.mutate(
              { id: server.id, paused: true, reason },
              { onSuccess: () => setOpen(null) },
            )
          }
        />
      ) : null}
      {open === "remove" ? (
        <div className="row">
          <span>{t("connections.outside.removeSure")}</span>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ id: server.id, version: server.version })}
          >
            {t("connections.outside.removeNow")}
          </Button>
          <Button look="quiet" onClick={() => setOpen(null)}>
            {t("connections.keep")}
          </Button>
        </div>
      ) : null}
      <ProblemNotice error={test.error ?? pause.error ?? remove.error} />
    </li>
  );
}

/** What it is, what it holds, and when it was last heard of. */
function Facts({ server }: { server: OutsideServer }) {
  const t = useText();
  const time = (key: "tested" | "answered", at: string | null) =>
    at === null ? null : t(`connections.outside.${key}`, { time: dateTime(at) });
  return [
    server.software,
    server.types === null
      ? t("connections.outside.typesUnknown")
      : t("connections.outside.types", { count: server.types.length }),
    server.hasEverything === null
      ? null
      : t(server.hasEverything ? "connections.outside.everything" : "connections.outside.perType"),
    time("tested", server.testedAt),
    time("answered", server.answeredAt),
    server.cacheMinutes > 0
      ? t("connections.outside.keeps", { minutes: server.cacheMinutes })
      : null,
  ]
    .filter((one) => one !== null)
    .join(" · ");
}

function ServerStatus({ server }: { server: OutsideServer }) {
  const t = useText();
  if (server.pausedAt !== null) return <Status tone="quiet">{t("connections.paused")}</Status>;
  return (
    <Status tone={server.testFault ? "warn" : "good"}>
      {t(server.testFault ? "connections.outside.bad" : "connections.outside.good")}
    </Status>
  );
}
