import { useRef, useState } from "react";
import { api } from "../../api/client.ts";
import { uploadTo } from "../../api/upload.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { upload as uploadIcon } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { type Deck, type Session, useDecks, useRefresh } from "./queries.ts";

/** Slides as a PDF: on their way, being drawn, and as they are shown. A newer file replaces them at any time. */
export function SlidesSection({ session }: { session: Session }) {
  const t = useText();
  const decks = useDecks(session.id);
  const refresh = useRefresh();
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<{ name: string; percent: number } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const open = ["draft", "planned", "live"].includes(session.state);
  const send = async (file: File) => {
    setError(null);
    setSending({ name: file.name, percent: 0 });
    try {
      await uploadTo(
        "/api/teaching/uploads",
        file,
        { sessionId: session.id, filename: file.name },
        (sentBytes) =>
          setSending({ name: file.name, percent: Math.floor((sentBytes * 100) / file.size) }),
      );
    } catch (failed) {
      setError(failed instanceof Error ? failed : new Error(String(failed)));
    }
    setSending(null);
    refresh();
  };
  const list = decks.data?.decks ?? [];
  const current = list.find((one) => one.current);
  // A file that was refused stands in the list with its reason: that is said once.
  const isInList = refusalOf(error) === "content" && list.some((one) => one.refusal === "content");
  return (
    <Card title={t("teaching.slides.title")}>
      <div className="stack">
        <p className="muted">{t("teaching.slides.how")}</p>
        {decks.isPending ? <Skeleton lines={2} /> : null}
        <ProblemNotice error={decks.error} retry={() => void decks.refetch()} />
        {open ? (
          <div className="row">
            <input
              ref={input}
              type="file"
              accept="application/pdf,.pdf"
              hidden
              aria-label={t("teaching.slides.choose")}
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                event.target.value = "";
                if (file) void send(file);
              }}
            />
            <Button
              icon={uploadIcon}
              look={current ? "plain" : "primary"}
              disabled={sending !== null}
              onClick={() => input.current?.click()}
            >
              {t(current ? "teaching.slides.replace" : "teaching.slides.choose")}
            </Button>
          </div>
        ) : null}
        {sending ? (
          <div className="stack" role="status">
            <p>{t("teaching.slides.sending", sending)}</p>
            <progress className="teaching-bar" max={100} value={sending.percent} />
          </div>
        ) : null}
        {error && !isInList ? <UploadProblem error={error} /> : null}
        {list.map((deck) => (
          <DeckRow key={deck.id} deck={deck} open={open} />
        ))}
      </div>
    </Card>
  );
}

const refusalOf = (error: Error | null) =>
  /teaching\.slides-(content|too-large)/.exec(error?.message ?? "")?.[1];

/** What the server says of the file; a broken line says what is kept. */
function UploadProblem({ error }: { error: Error }) {
  const t = useText();
  const said = refusalOf(error);
  return (
    <Notice tone="bad">
      {said === "content"
        ? t("teaching.slides.refused.content")
        : said === "too-large"
          ? t("teaching.slides.tooLarge")
          : t("teaching.slides.line")}
    </Notice>
  );
}

function DeckRow({ deck, open }: { deck: Deck; open: boolean }) {
  const t = useText();
  const refresh = useRefresh();
  const remove = useWrite(
    (_: null, key) => api.delete<{ ok: true }>(`/api/teaching/decks/${deck.id}`, key),
    { onDone: () => refresh() },
  );
  return (
    <section className="stack" aria-label={deck.name}>
      <div className="row spread">
        <p>
          <span className="strong">{deck.name}</span>{" "}
          {deck.pageCount ? (
            <span className="muted">{t("teaching.slides.pages", { pages: deck.pageCount })}</span>
          ) : null}
        </p>
        <div className="row">
          <Status
            tone={
              deck.state === "ready"
                ? deck.current
                  ? "good"
                  : "quiet"
                : deck.state === "refused"
                  ? "bad"
                  : "info"
            }
          >
            {deck.state === "ready" && !deck.current
              ? t("teaching.slides.older")
              : t(`teaching.slides.state.${deck.state}`)}
          </Status>
          {open ? (
            <Button look="quiet" busy={remove.isPending} onClick={() => remove.mutate(null)}>
              {t("teaching.slides.remove", { name: deck.name })}
            </Button>
          ) : null}
        </div>
      </div>
      {deck.state === "rendering" ? (
        <div role="status">
          <p>
            {t("teaching.slides.drawing", {
              done: deck.pagesDone,
              pages: deck.pageCount ?? "…",
            })}
          </p>
          <progress className="teaching-bar" max={deck.pageCount ?? 1} value={deck.pagesDone} />
        </div>
      ) : null}
      {deck.refusal ? (
        <Notice tone="bad">{t(`teaching.slides.refused.${deck.refusal}`)}</Notice>
      ) : null}
      {deck.current ? (
        <ol className="teaching-slides">
          {deck.pages.map((page) => (
            <li key={page.page}>
              <img
                src={page.thin}
                width={page.width}
                height={page.height}
                loading="lazy"
                alt={t("teaching.slides.alt", { page: page.page, title: page.title ?? "" })}
              />
              <span className="small">
                {page.page}. {page.title}
              </span>
            </li>
          ))}
        </ol>
      ) : null}
      <ProblemNotice error={remove.error} />
    </section>
  );
}
