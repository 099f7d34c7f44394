import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { z } from "zod";
import type { choiceBody, choiceView } from "../../../server/records/own-contract.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../design/components/button.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { dayTime } from "../../i18n/time.ts";
import type { OwnPerson } from "./pages.tsx";

type View = z.infer<typeof choiceView>;
type Said = z.infer<typeof choiceBody>;
type Choice = Said["choice"];
const tones: Record<Choice | "unset", Tone> = {
  all: "good",
  limited: "info",
  none: "quiet",
  hidden: "quiet",
  shown: "good",
  unset: "quiet",
};

/** Who sees my record: hospital by hospital, and for what is delicate. */
export function Choices({ person, chooser }: { person: OwnPerson; chooser: ReactNode }) {
  const t = useText();
  const nameOf = useNameOf();
  const client = useQueryClient();
  const queryKey = ["my", "record", person.id, "choices"];
  const address = `/api/my/record/people/${person.id}/choices`;
  const view = useQuery({ queryKey, queryFn: ({ signal }) => api.get<View>(address, signal) });
  const say = useMutation({
    mutationFn: (said: Said) => api.post(address, said),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  const save = async (said: Said) => {
    await say.mutateAsync(said);
  };
  const waiting = view.data?.keepers.filter((one) => !one.follows) ?? [];
  const common = { mayChange: view.data?.mayDecide ?? false, isBusy: say.isPending };
  return (
    <main id="main" className="phone-page">
      <header>
        <h1>{t("own.choices.title")}</h1>
        <p>{t("own.choices.how")}</p>
      </header>
      {chooser}
      <ul className="own-facts">
        <li>{t("own.choices.allergies")}</li>
        <li>{t("own.choices.emergency")}</li>
      </ul>
      {view.isPending ? <Skeleton lines={8} /> : null}
      {view.isError ? <ProblemNotice error={view.error} retry={() => void view.refetch()} /> : null}
      {say.isError ? <ProblemNotice error={say.error} /> : null}
      {view.data && !view.data.mayDecide ? (
        <Notice live={false}>{t("own.choices.readOnly")}</Notice>
      ) : null}
      {waiting.length > 0 ? (
        <Notice tone="warn">
          {t("own.choices.waiting", {
            names: waiting.map(nameOf).join(t("common.listSeparator")),
          })}
        </Notice>
      ) : view.data && view.data.history.length > 0 ? (
        <Notice tone="good">{t("own.choices.inForce")}</Notice>
      ) : null}
      {view.data ? (
        <>
          <section className="own-section">
            <h2 className="section-title">{t("own.choices.institutions")}</h2>
            <ul className="list">
              {agreedFirst(view.data.institutions).map((one) => (
                <li key={one.code}>
                  <ChoiceRow
                    {...common}
                    name={nameOf(one)}
                    choice={one.choice}
                    isOwn={one.isOwn}
                    options={["all", "limited", "none"]}
                    onSave={(choice) => save({ about: "institution", code: one.code, choice })}
                  />
                </li>
              ))}
            </ul>
          </section>
          <section className="own-section">
            <h2 className="section-title">{t("own.choices.categories")}</h2>
            <p className="muted">{t("own.choices.categoriesHow")}</p>
            <ul className="list">
              {view.data.categories.map((one) => (
                <li key={one.code}>
                  <ChoiceRow
                    {...common}
                    name={t(`own.category.${one.code}`)}
                    choice={one.choice}
                    isOwn={one.isOwn}
                    options={["shown", "hidden"]}
                    onSave={(choice) => save({ about: "category", code: one.code, choice })}
                  />
                </li>
              ))}
            </ul>
          </section>
          {view.data.askedOnly.length > 0 ? (
            <p className="muted">
              {t("own.choices.askedOnly", {
                names: view.data.askedOnly.map(nameOf).join(t("common.listSeparator")),
              })}
            </p>
          ) : null}
          <History view={view.data} />
        </>
      ) : null}
    </main>
  );
}

/** Hospitals of which something was said come first. */
const agreedFirst = (all: View["institutions"]) =>
  all.toSorted((a, b) => Number(a.choice === null) - Number(b.choice === null));

/** One hospital or matter: how it stands; on demand each choice with what it means, before it is saved. */
function ChoiceRow<Option extends Choice>({
  name,
  choice,
  isOwn,
  options,
  mayChange,
  isBusy,
  onSave,
}: {
  name: string;
  choice: Option | null;
  isOwn: boolean;
  options: readonly Option[];
  mayChange: boolean;
  isBusy: boolean;
  onSave: (choice: Option) => Promise<void>;
}) {
  const t = useText();
  const group = useId();
  const [draft, setDraft] = useState<Option | null>(null);
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  // The button that was pressed goes away: the focus follows what takes its place, and all of it is seen.
  useEffect(() => {
    const here = box.current;
    if (isOpen) {
      here?.querySelector<HTMLElement>("input:checked, input")?.focus({ preventScroll: true });
      here?.querySelector("fieldset")?.scrollIntoView({ block: "nearest" });
    } else if (wasOpen.current) here?.querySelector<HTMLElement>("button")?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const picked = draft ?? choice;
  const isEarlier = !isOwn && choice !== null && choice !== "shown";
  return (
    <div className="own-choice" ref={box}>
      <div className="own-choice-head">
        <span className="grow">
          <span className="strong">{name}</span>
          <br />
          <Status tone={tones[choice ?? "unset"]}>{t(`own.choice.${choice ?? "unset"}`)}</Status>
          {isEarlier ? <span className="muted small"> {t("own.choices.earlier")}</span> : null}
        </span>
        {mayChange && !isOpen ? (
          <Button aria-label={t("own.choices.changeOf", { name })} onClick={() => setOpen(true)}>
            {t("own.choices.change")}
          </Button>
        ) : null}
      </div>
      {isOpen ? (
        <fieldset className="own-options">
          <legend className="visually-hidden">{name}</legend>
          {options.map((option) => (
            <label key={option} className="own-option">
              <input
                type="radio"
                name={group}
                checked={picked === option}
                onChange={() => setDraft(option)}
              />
              <span>
                <span className="strong">{t(`own.choice.${option}`)}</span>
                <br />
                <span>{t(`own.means.${option}`)}</span>
              </span>
            </label>
          ))}
          <Button
            look="primary"
            wide
            busy={isBusy}
            disabled={picked === null}
            onClick={() => {
              if (picked !== null)
                void onSave(picked).then(
                  () => {
                    setOpen(false);
                    setDraft(null);
                  },
                  // What went wrong is said above; what was picked stays picked.
                  () => undefined,
                );
            }}
          >
            {t("own.choices.save")}
          </Button>
          <Button
            look="quiet"
            wide
            onClick={() => {
              setOpen(false);
              setDraft(null);
            }}
          >
            {t("own.choices.cancel")}
          </Button>
        </fieldset>
      ) : null}
    </div>
  );
}

function History({ view }: { view: View }) {
  const t = useText();
  const nameOf = useNameOf();
  return (
    <section className="own-section">
      <h2 className="section-title">{t("own.choices.history")}</h2>
      {view.history.length === 0 ? (
        <p className="muted">{t("own.choices.noHistory")}</p>
      ) : (
        <ul className="list">
          {view.history.map((one) => (
            <li key={`${one.at} ${one.institution?.code ?? one.category} ${one.choice}`}>
              <div className="list-words">
                <span className="strong">
                  {one.institution
                    ? nameOf(one.institution)
                    : t(`own.category.${one.category as View["categories"][number]["code"]}`)}
                </span>
                <span>{t(`own.choice.${one.choice as Choice}`)}</span>
                <time className="muted small figure" dateTime={one.at}>
                  {dayTime(one.at)}
                </time>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
