import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { boardNode, mediaBoard } from "../../server/media/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { linesByOrg, pointsOf } from "./lines.ts";
import "./media-board.css";

export { wordsReady } from "./words.ts";

type Board = z.infer<typeof mediaBoard>;
type Node = z.infer<typeof boardNode>;

const periods = ["1", "7", "28", "70"] as const;
const REFRESH_MS = 5000;
/** So much made-up sound is heard as broken speech: the top of the charts. */
const mostConcealed = 0.1;

/** What carries sound and picture: alarms first, then each node, then how the lines of the houses were. */
export function MediaBoardPage() {
  const t = useText();
  const [days, setDays] = useState<(typeof periods)[number]>("7");
  const queryKey = ["media", "board", days];
  const found = useQuery({
    queryKey,
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => api.get<Board>(`/api/media/board?days=${days}`, signal),
  });
  const board = found.data;
  const lines = linesByOrg(board?.lines ?? []);
  const percent = (part: number) => `${Math.round(part * 1000) / 10}%`;
  return (
    <main id="main" className="media-board stack stack-6">
      <h1>{t("mediaBoard.title")}</h1>
      {found.isError ? (
        <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      ) : !board ? (
        <Skeleton lines={6} />
      ) : (
        <>
          {board.alarms.map((alarm) => (
            <Notice
              key={`${alarm.kind}${alarm.nodeId}${alarm.detail}`}
              tone="bad"
              title={t(`mediaBoard.alarm.${alarm.kind}`, { node: alarm.nodeId })}
            >
              {t(`mediaBoard.alarm.${alarm.kind}.how`)}
              {alarm.detail ? <span className="muted"> {alarm.detail}</span> : null}
            </Notice>
          ))}
          {board.alarms.length === 0 ? (
            <p>
              <Status tone="good">{t("mediaBoard.noAlarm")}</Status>
            </p>
          ) : null}
          <div className="media-nodes">
            {board.nodes.map((node) => (
              <NodeCard key={node.id} node={node} />
            ))}
          </div>
          {board.nodes.length === 0 ? <p className="muted">{t("mediaBoard.noNodes")}</p> : null}
          <section className="stack" aria-labelledby="media-lines">
            <div className="row spread">
              <h2 id="media-lines">{t("mediaBoard.lines")}</h2>
              <Segmented
                label={t("mediaBoard.period")}
                hideLabel
                value={days}
                onChange={setDays}
                options={periods.map((value) => ({
                  value,
                  label: t("mediaBoard.days", { count: Number(value) }),
                }))}
              />
            </div>
            {lines.length === 0 ? (
              <p className="muted">{t("mediaBoard.noLines")}</p>
            ) : (
              <ul className="media-lines">
                {lines.map((line) => (
                  <li key={line.org}>
                    <span className="strong">{line.org || t("mediaBoard.noHouse")}</span>
                    <svg
                      viewBox="0 0 100 24"
                      preserveAspectRatio="none"
                      role="img"
                      aria-label={t("mediaBoard.chart", {
                        concealed: percent(line.concealed),
                        thin: percent(line.thin),
                      })}
                    >
                      <polyline
                        className="media-thin"
                        points={pointsOf(
                          line.samples,
                          line.samples.map((one) => one.thin),
                          1,
                        )}
                      />
                      <polyline
                        points={pointsOf(
                          line.samples,
                          line.samples.map((one) => one.concealed),
                          mostConcealed,
                        )}
                      />
                    </svg>
                    <span className="small">
                      {t("mediaBoard.concealed")}{" "}
                      <span className="figure strong">{percent(line.concealed)}</span>
                    </span>
                    <span className="small">
                      {t("mediaBoard.thin")}{" "}
                      <span className="figure strong">{percent(line.thin)}</span>
                    </span>
                    <span className="small">
                      {t("mediaBoard.rtt")} <span className="figure strong">{line.rttMs} ms</span>
                    </span>
                  </li>
                ))}
              </ul>
            )}
            <p className="muted small">{t("mediaBoard.linesWhat")}</p>
          </section>
        </>
      )}
    </main>
  );
}

function NodeCard({ node }: { node: Node }) {
  const t = useText();
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const drain = useWrite(
    (id: string, key: string) =>
      api.post(`/api/media/nodes/${encodeURIComponent(id)}/drain`, {}, key),
    {
      onDone: () => {
        setAsking(false);
        return cache.invalidateQueries({ queryKey: ["media", "board"] });
      },
    },
  );
  const { figures } = node;
  const state: { tone: Tone; word: string } = !node.alive
    ? { tone: "bad", word: t("mediaBoard.silent", { time: clockTime(node.lastSeenAt) }) }
    : node.drain === "no"
      ? { tone: "good", word: t("mediaBoard.works") }
      : {
          tone: node.drain === "empty" ? "info" : "warn",
          word: t(`mediaBoard.drain.${node.drain}`),
        };
  const megabits = (bps: number) => `${(bps / 1_000_000).toFixed(1)} Mbit/s`;
  return (
    <Card title={node.id} aside={<Status tone={state.tone}>{state.word}</Status>}>
      <p className="muted small">
        {[node.region, node.publicUrl, node.version].filter(Boolean).join(" · ")}
      </p>
      <dl className="media-figures">
        <Figure label={t("mediaBoard.rooms")} value={node.rooms} />
        <Figure label={t("mediaBoard.people")} value={figures?.people ?? node.peers} />
        <Figure label={t("mediaBoard.load")} value={`${Math.round(node.load * 100)}%`} />
        {figures ? (
          <>
            <Figure label={t("mediaBoard.in")} value={megabits(figures.inBps)} />
            <Figure label={t("mediaBoard.out")} value={megabits(figures.outBps)} />
            <Figure
              label={t("mediaBoard.workers")}
              value={`${figures.workers.length} / ${figures.expectedWorkers}`}
            />
          </>
        ) : null}
      </dl>
      {figures && figures.workers.length > 0 ? (
        <ul className="media-workers" aria-label={t("mediaBoard.workers")}>
          {figures.workers.map((worker) => (
            <li key={worker.pid}>
              <span className="small muted">{worker.pid}</span>
              <meter
                min={0}
                max={1}
                high={0.8}
                value={Math.min(1, worker.cpu)}
                aria-label={t("mediaBoard.workerLoad", {
                  percent: Math.round(worker.cpu * 100),
                })}
              />
              <span className="small figure">
                {Math.round(worker.cpu * 100)}% · {worker.consumers}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {figures && figures.links.length > 0 ? (
        <ul className="stack stack-2" aria-label={t("mediaBoard.links")}>
          {figures.links.map((link) => (
            <li key={link.node} className="row small">
              <Status tone={link.state === "up" ? "good" : "bad"}>{link.node}</Status>
              <span className="figure">
                ↓ {megabits(link.inBps)} ↑ {megabits(link.outBps)}
              </span>
              <span>{t("mediaBoard.loss", { percent: Math.round(link.loss * 1000) / 10 })}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <ProblemNotice error={drain.error} />
      {node.alive && node.drain === "no" ? (
        asking ? (
          <div className="stack stack-2">
            <p>{t("mediaBoard.drainReally", { rooms: node.rooms })}</p>
            <div className="row">
              <Button look="danger" busy={drain.isPending} onClick={() => drain.mutate(node.id)}>
                {t("mediaBoard.drainNow")}
              </Button>
              <Button onClick={() => setAsking(false)}>{t("common.cancel")}</Button>
            </div>
          </div>
        ) : (
          <p>
            <Button size="small" onClick={() => setAsking(true)}>
              {t("mediaBoard.drain")}
            </Button>
          </p>
        )
      ) : null}
    </Card>
  );
}

function Figure({ label, value }: { label: string; value: string | number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="figure">{value}</dd>
    </div>
  );
}
