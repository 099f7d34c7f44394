import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { CallScreen } from "../../server/booking/contract.ts";
import { api } from "../api/client.ts";
import { inWords } from "../clinic/words.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { clock } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import "./call-screen.css";

const askEveryMs = 2_000;

/**
 * The screen in the corridor: who is called, who is next, by ticket and masked name. Nobody signs in;
 * it asks by itself and says what it says aloud too, once somebody has switched the voice on.
 */
export function CallScreenPage({ id }: { id: string }) {
  const t = useText();
  const language = useLanguage();
  const screen = useQuery({
    queryKey: ["screen", id],
    queryFn: ({ signal }) => api.get<CallScreen>(`/api/screens/${id}${location.search}`, signal),
    refetchInterval: askEveryMs,
    retry: true,
  });
  const [voice, setVoice] = useState(false);
  useVoice(
    screen.data,
    voice,
    (ticket, name, place) => t("kiosk.say", { ticket, name, place }),
    language,
  );
  if (screen.isPending) return <Skeleton lines={6} />;
  if (!screen.data) {
    return (
      <main className="screen">
        <ProblemNotice error={screen.error} retry={() => void screen.refetch()} />
      </main>
    );
  }
  const { data } = screen;
  return (
    <main className="screen" id="main">
      <header className="screen-head">
        <div>
          <h1>
            {inWords(data.department, language)} · {inWords(data.name, language)}
          </h1>
          <p>{[data.doctor, inWords(data.placeNames, language)].filter(Boolean).join(" · ")}</p>
        </div>
        <div className="screen-side">
          {data.delayMinutes > 0 ? (
            <Status tone="warn">{t("kiosk.late", { minutes: data.delayMinutes })}</Status>
          ) : null}
          {screen.isError ? <Status tone="warn">{t("kiosk.stale")}</Status> : null}
          <span className="figure">{clockTime(Date.now())}</span>
          <Button aria-pressed={voice} onClick={() => setVoice(!voice)}>
            {voice ? t("kiosk.voiceOff") : t("kiosk.voiceOn")}
          </Button>
        </div>
      </header>
      <section className="screen-now" aria-live="polite">
        <h2>{t("kiosk.now")}</h2>
        {data.called.length === 0 ? (
          <Empty icon={clock} title={t("kiosk.nobody")} />
        ) : (
          data.called.map((one) => (
            <p key={one.ticket} className="screen-called">
              <span className="figure">{one.ticket}</span> <span>{one.name}</span>
            </p>
          ))
        )}
      </section>
      <section className="screen-next">
        <h2>{t("kiosk.next")}</h2>
        <ol>
          {data.next.map((one) => (
            <li key={one.ticket}>
              <span className="figure">{one.ticket}</span> <span>{one.name}</span>
            </li>
          ))}
        </ol>
        <p className="muted">{t("kiosk.waiting", { count: data.waiting })}</p>
      </section>
    </main>
  );
}

/** Says each call once, and again when it is repeated. */
function useVoice(
  data: CallScreen | undefined,
  on: boolean,
  words: (ticket: string, name: string, place: string) => string,
  language: string,
) {
  const said = useRef(new Map<string, number>());
  useEffect(() => {
    if (!data) return;
    for (const one of data.called) {
      if ((said.current.get(one.ticket) ?? 0) >= one.count) continue;
      said.current.set(one.ticket, one.count);
      if (!on || !("speechSynthesis" in globalThis)) continue;
      const utterance = new SpeechSynthesisUtterance(
        words(
          one.ticket,
          one.name.replaceAll("*", ""),
          data.placeNames.en && language === "en" ? data.placeNames.en : data.place,
        ),
      );
      utterance.lang = language === "en" ? "en" : "zh-CN";
      utterance.rate = 0.9;
      speechSynthesis.speak(utterance);
    }
  }, [data, on, words, language]);
}
