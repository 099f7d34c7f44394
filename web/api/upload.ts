import { useCallback, useRef, useState } from "react";
import type { Upload } from "tus-js-client";
import { writeHeaders } from "./client.ts";
import { firstPace, nextPace, type Pace } from "./upload-pace.ts";

export type UploadPurpose = "request" | "still" | "answer" | "evidence";
export type UploadItem = {
  key: string;
  name: string;
  sizeBytes: number;
  sentBytes: number;
  state: "sending" | "waiting" | "done" | "failed";
  attachmentId: string | null;
};

const retryDelaysMilliseconds = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];
const chunkBytes = 1024 * 1024;

/**
 * Sends one file in pieces and goes on where it stopped, after a lost line and after a reload alike.
 * Beside a conversation it leaves the line to the sound (upload-pace.ts).
 * @returns the attachment's id, the last part of the upload's address
 */
export async function uploadFile(
  file: File | Blob,
  metadata: {
    consultId: string;
    purpose: UploadPurpose;
    filename: string;
    width?: number;
    height?: number;
  },
  {
    onProgress,
    onStart,
    besideSound = false,
  }: {
    onProgress?: (sentBytes: number) => void;
    onStart?: (upload: Upload) => void;
    besideSound?: boolean;
  } = {},
): Promise<string> {
  const { Upload: TusUpload } = await import("tus-js-client");
  return new Promise((resolve, reject) => {
    const { width, height, ...rest } = metadata;
    let pace: Pace | null = null;
    let askedAtMs = 0;
    const upload: Upload = new TusUpload(file, {
      endpoint: "/api/uploads",
      chunkSize: chunkBytes,
      retryDelays: retryDelaysMilliseconds,
      headers: {},
      async onBeforeRequest(request) {
        if (pace && pace.restMs > 0 && request.getMethod() === "PATCH") {
          const { restMs } = pace;
          await new Promise((resume) => setTimeout(resume, restMs));
        }
        askedAtMs = performance.now();
        for (const [name, value] of Object.entries(writeHeaders())) request.setHeader(name, value);
      },
      onAfterResponse(request) {
        // What comes before the first piece, also after a break, is empty.
        if (!besideSound || request.getMethod() === "PATCH") return;
        pace = firstPace(performance.now() - askedAtMs);
        upload.options.chunkSize = pace.pieceBytes;
      },
      onChunkComplete(bytes) {
        if (!pace) return;
        pace = nextPace(pace, { bytes, tookMs: performance.now() - askedAtMs });
        upload.options.chunkSize = pace.pieceBytes;
      },
      metadata: {
        ...rest,
        filetype: file.type || "application/octet-stream",
        ...(width && height ? { width: String(width), height: String(height) } : {}),
      },
      fingerprint: async () =>
        [
          "yilian",
          metadata.consultId,
          metadata.purpose,
          metadata.filename,
          file.size,
          "lastModified" in file ? file.lastModified : "",
        ].join("|"),
      removeFingerprintOnSuccess: true,
      onProgress: (sentBytes) => onProgress?.(sentBytes),
      onError: reject,
      onSuccess: () =>
        resolve(new URL(upload.url ?? "", location.href).pathname.split("/").at(-1) ?? ""),
    });
    onStart?.(upload);
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
}

/**
 * Sends one file in pieces to another place that takes them so, and goes on where it stopped.
 * @returns the id, the last part of the upload's address
 */
export async function uploadTo(
  endpoint: string,
  file: File,
  metadata: Readonly<Record<string, string>>,
  onProgress: (sentBytes: number) => void,
): Promise<string> {
  const { Upload: TusUpload } = await import("tus-js-client");
  return new Promise((resolve, reject) => {
    const upload: Upload = new TusUpload(file, {
      endpoint,
      chunkSize: chunkBytes,
      retryDelays: retryDelaysMilliseconds,
      onBeforeRequest(request) {
        for (const [name, value] of Object.entries(writeHeaders())) request.setHeader(name, value);
      },
      metadata: { ...metadata },
      fingerprint: async () =>
        ["yilian", endpoint, ...Object.values(metadata), file.size, file.lastModified].join("|"),
      removeFingerprintOnSuccess: true,
      onProgress: (sentBytes) => onProgress(sentBytes),
      onError: reject,
      onSuccess: () =>
        resolve(new URL(upload.url ?? "", location.href).pathname.split("/").at(-1) ?? ""),
    });
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
}

/** Files on their way, each with its progress; a failed one keeps its place and can go on. */
export function useUploads(
  consultId: string,
  purpose: UploadPurpose,
  onDone: (attachmentId: string) => void,
) {
  const [items, setItems] = useState<UploadItem[]>([]);
  const files = useRef(new Map<string, File>());
  const running = useRef(new Map<string, Upload>());

  const patch = useCallback((key: string, change: Partial<UploadItem>) => {
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }, []);

  const send = useCallback(
    async (key: string) => {
      const file = files.current.get(key);
      if (!file) return;
      patch(key, { state: "sending" });
      try {
        const attachmentId = await uploadFile(
          file,
          { consultId, purpose, filename: file.name },
          {
            onProgress: (sentBytes) => patch(key, { sentBytes, state: "sending" }),
            onStart: (upload) => running.current.set(key, upload),
          },
        );
        patch(key, { state: "done", sentBytes: file.size, attachmentId });
        onDone(attachmentId);
      } catch {
        patch(key, { state: navigator.onLine ? "failed" : "waiting" });
        if (!navigator.onLine) addEventListener("online", () => void send(key), { once: true });
      }
    },
    [consultId, purpose, onDone, patch],
  );

  const add = useCallback(
    (chosen: Iterable<File>) => {
      for (const file of chosen) {
        const key = `${file.name}|${file.size}|${file.lastModified}`;
        if (files.current.has(key)) continue;
        files.current.set(key, file);
        setItems((all) => [
          ...all,
          {
            key,
            name: file.name,
            sizeBytes: file.size,
            sentBytes: 0,
            state: "sending",
            attachmentId: null,
          },
        ]);
        void send(key);
      }
    },
    [send],
  );

  const cancel = useCallback((key: string) => {
    void running.current
      .get(key)
      ?.abort(true)
      .catch(() => {});
    files.current.delete(key);
    setItems((all) => all.filter((item) => item.key !== key));
  }, []);

  return { items, add, retry: send, cancel };
}
