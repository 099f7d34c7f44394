import { useRef, useState } from "react";
import { api } from "../api/client.ts";
import { uploadFile } from "../api/upload.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useRoom } from "./room-context.ts";

type Photo = { blob: Blob; width: number; height: number };

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
  const { client, room, consultId, session } = useRoom();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [result, setResult] = useState<"sent" | "failed" | null>(null);

  const send = async (photo: Photo) => {
    setResult(null);
    setProgress(0);
    try {
      const name = `${t("room.still.name", { time: clockTime(Date.now()) })}.jpg`;
      const bytes = await photo.blob.arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const attachmentId = await uploadFile(
        photo.blob,
        { consultId, purpose: "still", filename: name, width: photo.width, height: photo.height },
        { onProgress: (sent) => setProgress(Math.floor((sent / photo.blob.size) * 100)) },
      );
      const takenBy =
        room.me?.name ?? (session.kind === "staff" ? session.person.name : session.kind);
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
    busy: progress !== null,
    words:
      progress !== null
        ? t("room.still.sending", { percent: progress })
        : result === "sent"
          ? t("room.still.sent")
          : result === "failed"
            ? t("room.still.failed")
            : null,
    take: () => {
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
