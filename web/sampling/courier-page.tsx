import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import type { courierWork, runView } from "../../server/sampling/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, clock } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { ScanBox } from "./scan-box.tsx";
import { signal } from "./signals.ts";
import { tubeWords } from "./tube-code.ts";

type Work = z.infer<typeof courierWork>;
type Run = z.infer<typeof runView>;
type Names = Run["site"];
const workKey = ["sampling", "courier"] as const;
const nearMinutes = 30;

function useName(): (names: Names) => string {
  const language = useLanguage();
  return (names) =>
    (language === "en" ? names.en : language === "bo" ? names.bo : null) ?? names.zh;
}

/** Which sites have sealed tubes, what is in my boxes, and how long is left of the two hours. */
export function CourierPage() {
  const t = useText();
  const client = useQueryClient();
  const name = useName();
  const work = useQuery({
    queryKey: workKey,
    queryFn: ({ signal: stop }) => api.get<Work>("/api/sampling/courier", stop),
    refetchInterval: 15_000,
  });
  const again = () => client.invalidateQueries({ queryKey: workKey });
  if (work.isPending)
    return (
      <main className="sampling">
        <Skeleton lines={5} />
      </main>
    );
  const runs = work.data?.runs ?? [];
  const packing = runs.find((run) => run.state === "collecting") ?? null;
  return (
    <main id="main" className="sampling">
      <header className="sampling-head">
        <h1>{t("sampling.courierTitle")}</h1>
        <p className="muted">{t("sampling.courierHow")}</p>
      </header>
      <ProblemNotice error={work.error} retry={() => void work.refetch()} />
      {packing ? <Packing run={packing} onChange={again} /> : null}
      {runs
        .filter((run) => run.state === "in-transit")
        .map((run) => (
          <OnTheWay key={run.id} run={run} />
        ))}
      {packing ? null : (
        <section className="stack stack-2">
          <h2>{t("sampling.toCollect")}</h2>
          {work.data?.waiting.length === 0 ? (
            <Empty icon={check} title={t("sampling.nothingWaits")}>
              {t("sampling.nothingWaitsHow")}
            </Empty>
          ) : null}
          {work.data?.waiting.map((site) => (
            <article className="box-card" key={site.siteId}>
              <h3>{name(site.site)}</h3>
              <p className="muted">{site.place}</p>
              <p className="row">
                <span>{t("sampling.tubes", { count: site.tubes.length })}</span>
                <Due at={site.labDueAt} />
              </p>
              <p className="muted small">{t("sampling.toLab", { name: name(site.laboratory) })}</p>
              <NewBox siteId={site.siteId} onDone={again} />
            </article>
          ))}
        </section>
      )}
      {runs.some((run) => run.state === "delivered") ? (
        <section className="stack stack-2">
          <h2>{t("sampling.delivered")}</h2>
          <ul className="list">
            {runs
              .filter((run) => run.state === "delivered")
              .map((run) => (
                <li key={run.id} className="list-row">
                  <span className="grow">
                    <span className="strong">{run.box}</span>{" "}
                    <span className="muted">
                      {t("sampling.tubes", { count: run.tubes.length })}
                    </span>
                    <span className="muted small row-line">
                      {t("sampling.signedBy", {
                        name: run.receivedBy ?? "",
                        time: run.deliveredAt ? clockTime(run.deliveredAt) : "",
                      })}
                    </span>
                    {run.receivedCount !== null && run.receivedCount !== run.tubes.length ? (
                      <Status tone="bad">
                        {t("sampling.countDiffers", { count: run.receivedCount })}
                      </Status>
                    ) : null}
                  </span>
                  <Status tone={late(run) ? "warn" : "good"}>
                    {t(late(run) ? "sampling.wasLate" : "sampling.inTime")}
                  </Status>
                </li>
              ))}
          </ul>
        </section>
      ) : null}
    </main>
  );
}

const late = (run: Run) =>
  run.labDueAt !== null && run.deliveredAt !== null && run.deliveredAt > run.labDueAt;

/** How long until the laboratory must have it; overdue is said, never only coloured. */
function Due({ at }: { at: string }) {
  const t = useText();
  const now = useNow(15_000);
  const minutes = Math.floor((Date.parse(at) - now) / 60_000);
  if (minutes < 0)
    return <Status tone="bad">{t("sampling.overdue", { minutes: -minutes })}</Status>;
  return (
    <Status tone={minutes <= nearMinutes ? "warn" : "info"} icon={clock}>
      {t("sampling.dueIn", { minutes, time: clockTime(at) })}
    </Status>
  );
}

function NewBox({ siteId, onDone }: { siteId: string; onDone: () => unknown }) {
  const t = useText();
  const [box, setBox] = useState("");
  const make = useWrite(
    (asked: string, key) => api.post<Run>("/api/sampling/runs", { siteId, box: asked }, key),
    { onDone },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (box.trim() !== "") make.mutate(box.trim());
  };
  return (
    <form className="scan-form" onSubmit={submit}>
      <TextField
        label={t("sampling.box")}
        value={box}
        onChange={(event) => setBox(event.target.value)}
        maxLength={40}
        autoComplete="off"
        required
      />
      <Button type="submit" look="primary" size="large" busy={make.isPending}>
        {t("sampling.boxOpen")}
      </Button>
      <ProblemNotice error={make.error} />
    </form>
  );
}

function Packing({ run, onChange }: { run: Run; onChange: () => unknown }) {
  const t = useText();
  const name = useName();
  const pack = useWrite(
    (body: { code: string; remove: boolean }, key) =>
      api.post<Run>(`/api/sampling/runs/${run.id}/tubes`, body, key),
    {
      onDone: (answer) => {
        signal("good");
        return onChange() && answer;
      },
    },
  );
  const leave = useWrite(
    (_: null, key) => api.post<Run>(`/api/sampling/runs/${run.id}/pick-up`, {}, key),
    { onDone: onChange },
  );
  return (
    <section className="box-card" aria-label={run.box}>
      <div className="row spread">
        <h2>{t("sampling.boxNamed", { box: run.box })}</h2>
        {run.labDueAt ? <Due at={run.labDueAt} /> : null}
      </div>
      <p className="muted">
        {name(run.site)} → {name(run.laboratory)}
      </p>
      <p className="tube-count">
        <strong>{run.tubes.length}</strong>{" "}
        <span className="muted">{t("sampling.tubesInBox")}</span>
      </p>
      <ScanBox
        label={t("sampling.scanIntoBox")}
        hint={t("sampling.scanIntoBoxHow")}
        action={t("sampling.putIn")}
        busy={pack.isPending}
        onText={(code) => pack.mutate({ code, remove: false })}
      />
      <ProblemNotice error={pack.error ?? leave.error} />
      {run.tubes.length > 0 ? (
        <ul className="list">
          {run.tubes.map((tube) => (
            <li key={tube.code} className="list-row">
              <span className="grow figure">{tubeWords(tube.code)}</span>
              <Button
                look="quiet"
                aria-label={t("sampling.takeOutOf", { code: tube.code })}
                onClick={() => pack.mutate({ code: tube.code, remove: true })}
              >
                {t("sampling.takeOut")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <Button
        look="primary"
        size="large"
        wide
        busy={leave.isPending}
        disabled={run.tubes.length === 0}
        onClick={() => leave.mutate(null)}
      >
        {t("sampling.leave", { count: run.tubes.length })}
      </Button>
    </section>
  );
}

/** On the way: the laboratory scans this to sign for it. */
function OnTheWay({ run }: { run: Run }) {
  const t = useText();
  const name = useName();
  return (
    <section className="box-card" aria-label={run.box}>
      <div className="row spread">
        <h2>{t("sampling.boxNamed", { box: run.box })}</h2>
        {run.labDueAt ? <Due at={run.labDueAt} /> : null}
      </div>
      <p>
        {t("sampling.tubes", { count: run.tubes.length })} ·{" "}
        {t("sampling.toLab", { name: name(run.laboratory) })}
      </p>
      <div className="box-qr">
        <Qr value={`RUN:${run.id}`} label={t("sampling.handOver", { box: run.box })} />
      </div>
      <Notice tone="info" live={false} title={t("sampling.handOverTitle")}>
        {t("sampling.handOverHow")}
      </Notice>
    </section>
  );
}
