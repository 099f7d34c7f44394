import { useEffect, useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { left } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";

const AGAIN_MS = 1000;

/** The lecture as the township clinic has it, beside it the speaker and another clinic on a thin line, by script. */
export function StoryLecture() {
  const t = useText();
  const [sessionId, setSessionId] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const open = async () => {
      try {
        const found = await api.post<{ sessionId: string; ready: boolean }>(
          "/api/demo/story/lecture",
        );
        if (gone) return;
        // The slides are being drawn.
        if (found.ready) setSessionId(found.sessionId);
        else timer = setTimeout(() => void open(), AGAIN_MS);
      } catch (problem) {
        if (!gone) setError(problem);
      }
    };
    void open();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className="story-room">
      {sessionId ? (
        <iframe
          className="story-stage"
          src={`/teaching/${sessionId}`}
          title={t("story.lecture.title")}
          allow="camera; microphone; autoplay; fullscreen"
        />
      ) : (
        <main className="story" id="main">
          <h1>{t("story.lecture.title")}</h1>
          {error ? <ProblemNotice error={error} /> : <p>{t("story.lecture.preparing")}</p>}
          {error ? null : <Skeleton lines={3} />}
        </main>
      )}
      <section className="story-partners" aria-label={t("story.room.partners")}>
        <Link href="/" className={buttonClass("plain", { size: "small" })}>
          <Icon path={left} />
          <span>{t("story.room.back")}</span>
        </Link>
        <p className="small">{t("story.lecture.how")}</p>
        {sessionId
          ? (["presenter", "thin"] as const).map((name) => (
              <iframe
                key={name}
                className="story-partner story-partner-tall"
                src={`/story/lecturer?session=${sessionId}&partner=${name}`}
                title={t(`story.lecture.partner.${name}`)}
                allow="autoplay"
              />
            ))
          : null}
      </section>
    </div>
  );
}
