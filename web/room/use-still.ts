import { useEffect, useRef, useState } from "react";
import { api } from "../api/client.ts";
import { uploadFile } from "../api/upload.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useRoom } from "./room-context.ts";

type Photo = { blob: Blob; width: number; height: number };

/** That all went well is said long enough to be read, and asks for nothing. What failed stays. */
const SENT_SAID_MS = 8_000;
const SAID_STEP_PERCENT = 10;

/** What this page took itself is shown from here: a thin line does not have to bring it back. */
const ownStills = new Map<string, string>();

/** Where a still of the room is shown from. */
export function addressOf(attachmentId: string): string {
  return ownStills.get(attachmentId) ?? `/api/attachments/${attachmentId}`;
}

declare class ImageCapture {
  constructor(track: MediaStreamTrack);
  takePhoto(): Promise<Blob>;
}

/**
 * A photograph in the camera's full resolution, sent whole beside the video and shown to all. The
 * camera's own photo where the browser has it, else its largest picture; without a camera that is on,
 * the phone's camera or a file.
 */
export function useStill() {
  const t = useText();
  const { client, room, consultId, place, session } = useRoom();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [result, setResult] = useState<"sent" | "failed" | null>(null);

  useEffect(() => {
    if (result !== "sent") return;
    const timer = setTimeout(() => setResult(null), SENT_SAID_MS);
    return () => clearTimeout(timer);
  }, [result]);

  const send = async (photo: Photo) => {
    setResult(null);
    setProgress(0);
    try {
      const name = `${t("room.still.name", { time: clockTime(Date.now()) })}.jpg`;
      const bytes = await photo.blob.arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const attachmentId = await sendWhole(() =>
        uploadFile(
          photo.blob,
          { consultId, purpose: "still", filename: name, width: photo.width, height: photo.height },
          {
            besideSound: true,
            onProgress: (sent) => setProgress(Math.floor((sent / photo.blob.size) * 100)),
          },
        ),
      );
      ownStills.set(attachmentId, URL.createObjectURL(photo.blob));
      const takenBy =
        room.me?.name ?? (session.kind === "staff" ? session.person.name : session.kind);
      // A visit has its files by themselves; a consult lists its stills.
      if (place === "consult")
        await api.post(`/api/consults/${consultId}/stills`, { attachmentId, takenBy });
      await client.announceStill({
        attachmentId,
        name,
        width: photo.width,
        height: photo.height,
        sha256,
      });
      setResult("sent");
    } catch {
      setResult("failed");
    } finally {
      setProgress(null);
    }
  };

  return {
    input,
    progress,
    failed: result === "failed",
    // In steps: what is read out should not be read out a hundred times.
    words:
      progress !== null
        ? t("room.still.sending", { percent: progress - (progress % SAID_STEP_PERCENT) })
        : result === "sent"
          ? t("room.still.sent")
          : result === "failed"
            ? t("room.still.failed")
            : null,
    take: () => {
      if (progress !== null) return;
      const track = room.local.video.on ? room.local.video.stream?.getVideoTracks()[0] : undefined;
      if (!track) {
        input.current?.click();
        return;
      }
      void photograph(track).then(send, () => setResult("failed"));
    },
    send: (file: File) => void measure(file).then(send, () => setResult("failed")),
  };
}

/** What a lost network broke off goes on where it was when the network is back. */
async function sendWhole<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (navigator.onLine) throw error;
      await new Promise((resume) => addEventListener("online", resume, { once: true }));
    }
  }
}

async function measure(blob: Blob): Promise<Photo> {
  const picture = await createImageBitmap(blob);
  const { width, height } = picture;
  picture.close();
  return { blob, width, height };
}

async function photograph(track: MediaStreamTrack): Promise<Photo> {
  if ("ImageCapture" in globalThis) {
    try {
      return await measure(await new ImageCapture(track).takePhoto());
    } catch {
      // Some cameras refuse photographs while they film; their picture is taken instead.
    }
  }
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  video.srcObject = null;
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", 0.95),
  );
  if (!blob) throw new Error("no picture");
  return { blob, width: canvas.width, height: canvas.height };
}
