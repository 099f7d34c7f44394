import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { readyList } from "../../server/transfer/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";

type List = z.infer<typeof readyList>;
type Item = List["items"][number];
const key = ["transfer", "ready-list"];
const languages = ["zh", "en", "bo"] as const;
const langOf = { zh: "zh-CN", en: "en", bo: "bo" } as const;

/** What the own house has ready when somebody is brought in: written by the head of its desk. */
export function ReadyListPage() {
  const t = useText();
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<List>("/api/transfers/ready-list", signal),
  });
  return (
    <main id="main" className="page-narrow">
      <header>
        <h1>{t("transfer.readyList.title")}</h1>
        <p className="muted">{t("transfer.readyList.how")}</p>
      </header>
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? <Items list={found.data} /> : null}
      {found.data && found.data.versions.length > 0 ? <Versions list={found.data} /> : null}
    </main>
  );
}

/** Who changed it when; what a version said is opened. */
function Versions({ list }: { list: List }) {
  const t = useText();
  return (
    <Card title={t("transfer.readyList.versions")}>
      <p className="muted small">{t("transfer.readyList.keeps")}</p>
      <ol className="transfer-steps">
        {list.versions.map((one) => (
          <li key={one.version}>
            <details>
              <summary>
                {t("transfer.readyList.version", {
                  version: one.version,
                  name: one.by,
                  time: dayTime(one.at),
                  count: one.items.length,
                })}
              </summary>
              <p className="small" lang="zh-CN">
                {one.items.map((item) => item.zh).join("；")}
              </p>
            </details>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Items({ list }: { list: List }) {
  const t = useText();
  const client = useQueryClient();
  const [items, setItems] = useState<Item[]>(list.items);
  const save = useWrite(
    (body: { items: Item[]; version: number }, once) =>
      api.put<List>("/api/transfers/ready-list", body, once),
    {
      onDone: (answer) => client.setQueryData(key, answer),
    },
  );
  const change = (at: number, part: Partial<Item>) =>
    setItems(items.map((one, n) => (n === at ? { ...one, ...part } : one)));
  const move = (at: number) => {
    const next = [...items];
    const [one] = next.splice(at, 1);
    next.splice(at - 1, 0, one!);
    setItems(next);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ items, version: list.version });
      }}
    >
      {list.own ? null : <Notice tone="info">{t("transfer.readyList.usual")}</Notice>}
      {items.map((one, at) => (
        <Card key={one.code} title={t("transfer.readyList.place", { place: at + 1 })}>
          {languages.map((language) => (
            <TextField
              key={language}
              label={t(`workbench.in.${language}`)}
              lang={langOf[language]}
              required
              maxLength={60}
              value={one[language]}
              onChange={(event) => change(at, { [language]: event.target.value })}
            />
          ))}
          <SelectField
            label={t("transfer.readyList.when")}
            value={one.kind ?? ""}
            onChange={(event) => {
              const { kind: _before, ...rest } = one;
              const kind = event.target.value as NonNullable<Item["kind"]> | "";
              setItems(
                items.map((each, n) => (n === at ? (kind ? { ...rest, kind } : rest) : each)),
              );
            }}
          >
            <option value="">{t("transfer.readyList.always")}</option>
            <option value="emergency">{t("transfer.readyList.emergency")}</option>
            <option value="infectious">{t("transfer.readyList.infectious")}</option>
          </SelectField>
          <div className="row">
            <Button
              look="quiet"
              size="small"
              disabled={at === 0}
              aria-label={t("transfer.readyList.earlierNamed", { name: one.zh })}
              onClick={() => move(at)}
            >
              {t("transfer.readyList.earlier")}
            </Button>
            <Button
              look="quiet"
              size="small"
              icon={close}
              disabled={items.length === 1}
              aria-label={t("transfer.readyList.removeNamed", { name: one.zh })}
              onClick={() => setItems(items.filter((_, n) => n !== at))}
            >
              {t("common.remove")}
            </Button>
          </div>
        </Card>
      ))}
      {items.length < 20 ? (
        <Button
          look="soft"
          icon={plus}
          className="align-start"
          onClick={() =>
            setItems([
              ...items,
              { code: `item-${crypto.randomUUID().slice(0, 8)}`, zh: "", en: "", bo: "" },
            ])
          }
        >
          {t("transfer.readyList.add")}
        </Button>
      ) : null}
      <ProblemNotice error={save.error} />
      {save.isSuccess ? <Notice tone="good">{t("transfer.readyList.saved")}</Notice> : null}
      <Button look="primary" type="submit" busy={save.isPending} className="align-start">
        {t("transfer.readyList.save")}
      </Button>
    </form>
  );
}
