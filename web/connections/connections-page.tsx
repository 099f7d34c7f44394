import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dateTime } from "../i18n/time.ts";
import { Exports } from "./exports.tsx";
import { SourceFaults } from "./faults.tsx";
import { Imports } from "./imports.tsx";
import { Outside } from "./outside.tsx";
import { PauseForm } from "./pause-form.tsx";
import { type Stores, usePause, useStores } from "./queries.ts";
import { Systems } from "./systems.tsx";
import "./connections.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/connections/zh-CN"),
  bo: () => import("virtual:messages/connections/bo"),
  en: () => import("virtual:messages/connections/en"),
});

/** Where an institution's records lie, what comes into them, and which systems ask for them. */
export function ConnectionsPage() {
  const t = useText();
  const stores = useStores();
  return (
    <main id="main" className="connections">
      <header>
        <h1>{t("connections.title")}</h1>
        <p className="muted">{t("connections.lead")}</p>
      </header>
      <section className="connections-card" aria-labelledby="connections-stores">
        <h2 id="connections-stores">{t("connections.stores")}</h2>
        {stores.isPending ? <Skeleton lines={3} /> : null}
        <ProblemNotice error={stores.error} retry={() => void stores.refetch()} />
        <ul className="connections-list">
          {stores.data?.stores.map((store) => (
            <StoreRow key={store.code} store={store} />
          ))}
        </ul>
      </section>
      <Outside />
      <SourceFaults />
      <Imports />
      <Exports />
      <Systems />
    </main>
  );
}

function StoreRow({ store }: { store: Stores["stores"][number] }) {
  const t = useText();
  const nameOf = useNameOf();
  const pause = usePause();
  const [asking, setAsking] = useState(false);
  return (
    <li>
      <div className="row spread">
        <div>
          <h3>{nameOf(store)}</h3>
          <p className="muted connections-address">{`${location.origin}/stores/${store.code}/fhir`}</p>
        </div>
        <div className="row">
          <Status tone={store.paused ? "warn" : "good"}>
            {t(store.paused ? "connections.paused" : "connections.answers")}
          </Status>
          {store.mayPause ? (
            <PauseButton
              store={store}
              asking={asking}
              onAsk={() => setAsking(!asking)}
              pause={pause}
            />
          ) : null}
        </div>
      </div>
      {store.reason !== null && store.pausedAt !== null ? (
        <p>
          {t("connections.pausedWhy", { time: dateTime(store.pausedAt), reason: store.reason })}
        </p>
      ) : null}
      {asking && !store.paused ? (
        <PauseForm
          how={t("connections.pauseHow")}
          busy={pause.isPending}
          onPause={(reason) =>
            pause.mutate(
              { code: store.code, paused: true, reason },
              { onSuccess: () => setAsking(false) },
            )
          }
        />
      ) : null}
      <ProblemNotice error={pause.error} />
    </li>
  );
}

function PauseButton({
  store,
  asking,
  onAsk,
  pause,
}: {
  store: Stores["stores"][number];
  asking: boolean;
  onAsk: () => void;
  pause: ReturnType<typeof usePause>;
}) {
  const t = useText();
  const nameOf = useNameOf();
  return store.paused ? (
    <Button
      busy={pause.isPending}
      aria-label={t("connections.resumeOf", { name: nameOf(store) })}
      onClick={() => pause.mutate({ code: store.code, paused: false })}
    >
      {t("connections.resume")}
    </Button>
  ) : (
    <Button
      look="quiet"
      aria-expanded={asking}
      aria-label={t("connections.pauseOf", { name: nameOf(store) })}
      onClick={onAsk}
    >
      {t("connections.pause")}
    </Button>
  );
}
