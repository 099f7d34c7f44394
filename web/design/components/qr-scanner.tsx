import { type ReactNode, useEffect, useRef, useState } from "react";
import { useText } from "../../i18n/i18n.ts";
import { canOpenCamera, createQrReader } from "../qr-reader.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";
import "./qr-scanner.css";

const lookEveryMilliseconds = 150;
/** The same code before the camera counts once within this time. */
const sameAgainMilliseconds = 2500;

type State = "opening" | "looking" | "refused" | "none";
type Torch = { torch?: boolean };

/**
 * The camera, in the page, reading one code after the other until it is taken away. While `paused` the
 * picture stays and nothing is read. What to do without a camera belongs beside it: a picture, typing.
 */
export function QrScanner({
  onFound,
  paused = false,
  children,
}: {
  onFound: (text: string) => void;
  paused?: boolean;
  /** What to do instead, said when there is no camera. */
  children?: ReactNode;
}) {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const latest = useRef({ onFound, paused });
  latest.current = { onFound, paused };
  const [state, setState] = useState<State>(canOpenCamera() ? "opening" : "none");
  const [torch, setTorch] = useState<{ track: MediaStreamTrack; on: boolean } | null>(null);

  useEffect(() => {
    if (!canOpenCamera()) return;
    let stream: MediaStream | null = null;
    let timer = 0;
    let gone = false;
    const last = { text: "", at: 0 };
    const begin = async () => {
      const [opened, reader] = await Promise.all([
        navigator.mediaDevices.getUserMedia({
          video: {
            facingMode: "environment",
            width: { ideal: 1280 },
            height: { ideal: 1280 },
          },
        }),
        createQrReader(),
      ]);
      stream = opened;
      const seen = video.current;
      if (gone || !seen) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      const [track] = opened.getVideoTracks();
      if (track && (track.getCapabilities?.() as Torch | undefined)?.torch)
        setTorch({ track, on: false });
      seen.srcObject = opened;
      await seen.play();
      setState("looking");
      const look = async () => {
        if (gone) return;
        if (!latest.current.paused) {
          const text = await reader.read(seen).catch(() => null);
          const now = performance.now();
          if (gone) return;
          if (text && (text !== last.text || now - last.at > sameAgainMilliseconds)) {
            Object.assign(last, { text, at: now });
            latest.current.onFound(text);
          } else if (text) last.at = now;
        }
        timer = window.setTimeout(look, lookEveryMilliseconds);
      };
      void look();
    };
    begin().catch(() => {
      if (!gone) setState("refused");
    });
    return () => {
      gone = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);

  if (state === "refused" || state === "none") {
    return (
      <Notice tone="warn" title={t("common.scan.noCamera")}>
        <p>{t(state === "none" ? "common.scan.noCameraHere" : "common.scan.noCameraHow")}</p>
        {children}
      </Notice>
    );
  }
  const switchTorch = async () => {
    if (!torch) return;
    const light: Torch = { torch: !torch.on };
    await torch.track.applyConstraints({ advanced: [light as object] }).catch(() => {});
    setTorch({ track: torch.track, on: !torch.on });
  };
  return (
    <div className="scanner" data-state={paused ? "paused" : state}>
      <div className="scanner-frame">
        <video ref={video} muted playsInline aria-label={t("common.scan.view")} />
        <span className="scanner-corners" aria-hidden="true" />
      </div>
      <p className="scanner-say" role="status">
        {t(
          paused
            ? "common.scan.paused"
            : state === "opening"
              ? "common.scan.opening"
              : "common.scan.looking",
        )}
      </p>
      {torch ? (
        <Button aria-pressed={torch.on} onClick={() => void switchTorch()}>
          {t(torch.on ? "common.scan.torchOff" : "common.scan.torchOn")}
        </Button>
      ) : null}
    </div>
  );
}
