import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { NameList } from "../../server/directory/names.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import { CloseDepartment } from "./close-department.tsx";

export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/names/zh-CN"),
  bo: () => import("virtual:messages/names/bo"),
  en: () => import("virtual:messages/names/en"),
});

type Named = NameList["names"][number];
const parts = (one: Named) => [one.name, one.place, one.feverPlace].filter((part) => part !== null);
const isWhole = (one: Named) => parts(one).every((part) => part.en && part.bo);

/** Names of houses, departments, clinics, sites and titles for those who read English or Tibetan. */
export function NamesPage() {
  const t = useText();
  const [wanted, setWanted] = useState("");
  const [missing, setMissing] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const list = useQuery({
    queryKey: ["names"],
    queryFn: ({ signal }) => api.get<NameList>("/api/directory/names", signal),
  });
  const shown = (list.data?.names ?? []).filter(
    (one) =>
      (!missing || !isWhole(one)) &&
      [one.house, one.person, ...parts(one).flatMap(({ zh, en, bo }) => [zh, en, bo])].some(
        (text) => text?.toLowerCase().includes(wanted.trim().toLowerCase()),
      ),
  );
  const houses = [...new Set(shown.map((one) => one.house))];
  return (
    <main id="main" className="bench-main names-page">
      <h1>{t("names.title")}</h1>
      <p className="muted">{t("names.how")}</p>
      <div className="row">
        <TextField
          label={t("names.find")}
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <CheckField
          label={t("names.missing")}
          checked={missing}
          onChange={(event) => setMissing(event.target.checked)}
        />
      </div>
      {list.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data && shown.length === 0 ? <p>{t("names.none")}</p> : null}
      {houses.map((house) => (
        <Card key={house} title={house}>
          <ul className="stack">
            {shown
              .filter((one) => one.house === house)
              .map((one) => {
                const key = `${one.kind}/${one.id}`;
                return (
                  <li key={key}>
                    {open === key ? (
                      <div className="stack">
                        <Edit one={one} onDone={() => setOpen(null)} />
                        {one.kind === "department" ? (
                          <CloseDepartment departmentId={one.id} />
                        ) : null}
                      </div>
                    ) : (
                      <Line one={one} onEdit={() => setOpen(key)} />
                    )}
                  </li>
                );
              })}
          </ul>
        </Card>
      ))}
    </main>
  );
}

function Line({ one, onEdit }: { one: Named; onEdit: () => void }) {
  const t = useText();
  const lacks = [
    parts(one).some((part) => !part.en) ? t("names.en") : null,
    parts(one).some((part) => !part.bo) ? t("names.bo") : null,
  ].filter(Boolean);
  return (
    <div className="row spread">
      <span>
        <span className="muted small">{t(`names.kind.${one.kind}`)}</span>{" "}
        <strong>{[one.person, one.name.zh].filter(Boolean).join(" ")}</strong>{" "}
        {one.name.en ? <span lang="en">{one.name.en}</span> : null}{" "}
        {one.name.bo ? <span lang="bo">{one.name.bo}</span> : null}{" "}
        {lacks.length > 0 ? (
          <Status tone="warn">
            {t("names.lacks", { languages: lacks.join(t("common.listSeparator")) })}
          </Status>
        ) : null}
      </span>
      <Button look="quiet" onClick={onEdit}>
        {t("names.edit")}
        <span className="visually-hidden">
          {" "}
          {one.person} {one.name.zh}
        </span>
      </Button>
    </div>
  );
}

function Edit({ one, onDone }: { one: Named; onDone: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [words, setWords] = useState({
    en: one.name.en ?? "",
    bo: one.name.bo ?? "",
    placeEn: one.place?.en ?? "",
    placeBo: one.place?.bo ?? "",
    feverEn: one.feverPlace?.en ?? "",
    feverBo: one.feverPlace?.bo ?? "",
  });
  const save = useWrite(
    (body: object, key) => api.put(`/api/directory/names/${one.kind}/${one.id}`, body, key),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: ["names"] });
        onDone();
      },
    },
  );
  const fields = [
    { key: "en", lang: "en", label: t("names.en"), there: true },
    { key: "bo", lang: "bo", label: t("names.bo"), there: true },
    ...(["placeEn", "placeBo"] as const).map((key) => ({
      key,
      lang: key === "placeEn" ? "en" : "bo",
      label: t(`names.${key}`, { zh: one.place?.zh ?? "" }),
      there: one.place !== null,
    })),
    ...(["feverEn", "feverBo"] as const).map((key) => ({
      key,
      lang: key === "feverEn" ? "en" : "bo",
      label: t(`names.${key}`, { zh: one.feverPlace?.zh ?? "" }),
      there: one.feverPlace !== null,
    })),
  ] as const;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          Object.fromEntries(
            Object.entries(words).map(([key, text]) => [key, text.trim() || null]),
          ),
        );
      }}
    >
      <p className="strong">{[one.person, one.name.zh].filter(Boolean).join(" ")}</p>
      {fields
        .filter((field) => field.there)
        .map((field) => (
          <TextField
            key={field.key}
            label={field.label}
            lang={field.lang}
            maxLength={200}
            value={words[field.key]}
            onChange={(event) =>
              setWords((before) => ({ ...before, [field.key]: event.target.value }))
            }
          />
        ))}
      <ProblemNotice error={save.error} />
      <div className="row">
        <Button look="primary" type="submit" busy={save.isPending}>
          {t("names.save")}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
