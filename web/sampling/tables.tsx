import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { SelectField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { useTableStep, useTables } from "../surge/queries.ts";

/**
 * Tonight's tables: choose a free one; at one's own: hand it to a colleague, close it, or change to another. What
 * waits for a line is sent first, so that nothing done here is lost with the table.
 */
export function Tables({
  atTable,
  unsent,
  onDone,
}: {
  /** Works somewhere already: the choice is folded away. */
  atTable: boolean;
  /** Steps that are still on this phone. */
  unsent: number;
  onDone: () => void;
}) {
  const t = useText();
  const [shown, setShown] = useState(false);
  const tables = useTables(true);
  const list = tables.data?.tables ?? [];
  const own = list.find((one) => one.mine);
  if (list.length === 0 || (atTable && !own && !list.some((one) => one.sampler === null)))
    return null;
  return (
    <section className="tables stack stack-3" aria-label={t("sampling.tables.title")}>
      {atTable && !shown ? (
        <Button wide onClick={() => setShown(true)}>
          {t(own ? "sampling.tables.leaveMine" : "sampling.tables.tonight")}
        </Button>
      ) : (
        <>
          <h2>{t(own ? "sampling.tables.mine" : "sampling.tables.title")}</h2>
          {unsent > 0 ? (
            <Notice tone="warn" title={t("sampling.tables.sendFirst", { count: unsent })}>
              {t("sampling.tables.sendFirstHow")}
            </Notice>
          ) : (
            <>
              {own ? (
                <LeaveTable
                  colleagues={tables.data?.colleagues ?? []}
                  queue={own.queue}
                  onDone={() => {
                    setShown(false);
                    onDone();
                  }}
                />
              ) : null}
              <FreeTables
                list={list}
                onDone={() => {
                  setShown(false);
                  onDone();
                }}
              />
            </>
          )}
          {atTable ? (
            <Button look="quiet" onClick={() => setShown(false)}>
              {t("sampling.close")}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

type Table = NonNullable<ReturnType<typeof useTables>["data"]>["tables"][number];

function FreeTables({ list, onDone }: { list: readonly Table[]; onDone: () => void }) {
  const t = useText();
  const step = useTableStep(onDone);
  return (
    <>
      <ProblemNotice error={step.error} />
      <ul className="list">
        {list
          .filter((one) => !one.mine)
          .map((one) => (
            <li key={one.id} className="list-row">
              <span className="grow">
                <span className="strong">
                  {t("sampling.station", { number: one.number })}
                  {one.priority ? ` · ${t("sampling.tables.priority")}` : ""}
                </span>
                <span className="row-line muted small" lang="zh-CN">
                  {one.site} · {one.place}
                </span>
                <span className="row-line small">
                  {t("sampling.tables.queue", { count: one.queue })}
                </span>
              </span>
              {one.sampler ? (
                <Status tone="quiet" icon={null}>
                  {one.sampler}
                </Status>
              ) : (
                <Button
                  look="soft"
                  busy={step.isPending}
                  aria-label={t("sampling.tables.takeThis", { number: one.number, site: one.site })}
                  onClick={() => step.mutate({ take: one.id })}
                >
                  {t("sampling.tables.take")}
                </Button>
              )}
            </li>
          ))}
      </ul>
    </>
  );
}

/** Somebody goes on here at once, or the people are sent to the other tables. */
function LeaveTable({
  colleagues,
  queue,
  onDone,
}: {
  colleagues: readonly { id: string; name: string }[];
  queue: number;
  onDone: () => void;
}) {
  const t = useText();
  const [to, setTo] = useState("");
  const [sure, setSure] = useState(false);
  const step = useTableStep(onDone);
  return (
    <div className="stack stack-3">
      {colleagues.length > 0 ? (
        <>
          <SelectField
            label={t("sampling.tables.toWhom")}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          >
            <option value="">{t("sampling.tables.choose")}</option>
            {colleagues.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
          <Button
            look="primary"
            wide
            disabled={to === ""}
            busy={step.isPending}
            onClick={() => step.mutate({ leave: { personId: to } })}
          >
            {t("sampling.tables.handOver")}
          </Button>
        </>
      ) : (
        <p className="muted">{t("sampling.tables.nobodyFree")}</p>
      )}
      {sure ? (
        <Notice tone="warn" title={t("sampling.tables.closeAsk", { count: queue })}>
          <div className="row">
            <Button
              look="danger"
              busy={step.isPending}
              onClick={() => step.mutate({ leave: { personId: null } })}
            >
              {t("sampling.tables.closeYes")}
            </Button>
            <Button onClick={() => setSure(false)}>{t("sampling.tables.closeNo")}</Button>
          </div>
        </Notice>
      ) : (
        <Button wide onClick={() => setSure(true)}>
          {t("sampling.tables.closeMine")}
        </Button>
      )}
      <ProblemNotice error={step.error} />
    </div>
  );
}
