import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { z } from "zod";
import type { StillView, stillList } from "../../../server/teaching/still-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { CheckField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status } from "../../design/components/status.tsx";
import { photo } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime } from "../../i18n/time.ts";
import type { Lecture } from "../lecture.ts";

type Picked = { blob: Blob; address: string };
/** Wider shows nothing more on any screen of a lecture. */
const MOST_PIXELS = 2400;

/** A fresh picture for the board: looked at before anybody else sees it, then shown and drawn on like any still. */
export function Stills({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const cache = useQueryClient();
  const { acts, live, session } = lecture;
  const path = `/api/teaching/sessions/${session.id}/stills`;
  const key = ["teaching", session.id, "stills"];
  const input = useRef<HTMLInputElement>(null);
  const [picked, setPicked] = useState<Picked | null>(null);
  const [looked, setLooked] = useState(false);
  const [unreadable, setUnreadable] = useState(false);
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<z.infer<typeof stillList>>(path, signal),
  });
  const readAgain = () => void cache.invalidateQueries({ queryKey: key });
  useEffect(() => () => URL.revokeObjectURL(picked?.address ?? ""), [picked]);

  const pick = async (file: File) => {
    setUnreadable(false);
    setLooked(false);
    try {
      const blob = await redraw(file);
      setPicked({ blob, address: URL.createObjectURL(blob) });
    } catch {
      setPicked(null);
      setUnreadable(true);
    }
  };
  const send = useWrite(
    (blob: Blob, once) => api.postFile<StillView>(`${path}?deidentified=true`, blob, once),
    {
      onDone: (made) => {
        setPicked(null);
        readAgain();
        acts.run(() => acts.showStill(made.id));
      },
    },
  );
  const remove = useWrite(
    async (id: string, once) => {
      if (live.still === id) await acts.showStill(null);
      return api.delete<{ ok: true }>(`/api/teaching/stills/${id}`, once);
    },
    { onDone: readAgain },
  );
  return (
    <section className="stack stack-2">
      <h2>{t("lecture.still.title")}</h2>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label={t("lecture.still.pick")}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void pick(file);
        }}
      />
      {picked ? (
        <>
          <img className="still-picked" src={picked.address} alt={t("lecture.still.picked")} />
          <Notice tone="warn">{t("lecture.still.warn")}</Notice>
          <CheckField
            label={t("lecture.still.looked")}
            checked={looked}
            onChange={(event) => setLooked(event.target.checked)}
          />
          <ProblemNotice error={send.error} />
          <div className="row">
            <Button
              look="primary"
              busy={send.isPending}
              disabled={!looked}
              onClick={() => send.mutate(picked.blob)}
            >
              {t("lecture.cases.show")}
            </Button>
            <Button look="quiet" onClick={() => setPicked(null)}>
              {t("lecture.still.drop")}
            </Button>
          </div>
        </>
      ) : (
        <div className="row">
          <Button icon={photo} onClick={() => input.current?.click()}>
            {t("lecture.still.pick")}
          </Button>
        </div>
      )}
      {unreadable ? <Notice tone="bad">{t("lecture.still.unreadable")}</Notice> : null}
      <ProblemNotice error={found.error ?? remove.error} />
      <ul className="hands">
        {found.data?.stills.map((one) => {
          const isShown = live.still === one.id;
          const name = t("lecture.still.at", { time: clockTime(one.takenAt) });
          const way = t(isShown ? "lecture.cases.hide" : "lecture.cases.show");
          return (
            <li key={one.id}>
              <img className="still-small" src={one.thin} alt="" loading="lazy" />
              <span className="grow">
                {name} {isShown ? <Status tone="good">{t("lecture.cases.shown")}</Status> : null}
              </span>
              <span className="row">
                <Button
                  size="small"
                  look={isShown ? "plain" : "soft"}
                  aria-label={`${way}：${name}`}
                  onClick={() => acts.run(() => acts.showStill(isShown ? null : one.id))}
                >
                  {way}
                </Button>
                <Button
                  size="small"
                  look="quiet"
                  busy={remove.isPending && remove.variables === one.id}
                  aria-label={`${t("lecture.still.remove")}：${name}`}
                  onClick={() => remove.mutate(one.id)}
                >
                  {t("lecture.still.remove")}
                </Button>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Pixels alone, at most as large as a screen shows: where and when it was taken does not leave the device. */
async function redraw(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", 0.88),
  );
  if (!blob) throw new Error("no picture");
  return blob;
}
