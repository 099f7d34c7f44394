import { useEffect, useRef, useState } from "react";
import { Button } from "../../design/components/button.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { useText } from "../../i18n/i18n.ts";
import { createReader } from "./barcode.ts";

const lookEveryMs = 250;

/** The camera, in the page, until it reads a code. */
export function ScanCode({
  onFound,
  onClose,
}: {
  onFound: (words: string) => void;
  onClose: () => void;
}) {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onFound);
  found.current = onFound;
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const reader = createReader();
    let stream: MediaStream | null = null;
    let timer = 0;
    let gone = false;
    const look = async () => {
      if (gone || !video.current || !reader) return;
      const [code] = await reader.detect(video.current).catch(() => []);
      if (gone) return;
      if (code) found.current(code.rawValue);
      else timer = window.setTimeout(look, lookEveryMs);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: "environment" } })
      .then(async (opened) => {
        stream = opened;
        if (gone || !video.current) {
          for (const track of opened.getTracks()) track.stop();
          return;
        }
        video.current.srcObject = opened;
        await video.current.play();
        void look();
      })
      .catch(() => setRefused(true));
    return () => {
      gone = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);
  return (
    <div className="stack stack-2">
      {refused ? (
        <Notice tone="warn" title={t("patient.booking.noCamera")}>
          {t("patient.booking.noCameraHow")}
        </Notice>
      ) : (
        <video
          ref={video}
          className="scan-view"
          muted
          playsInline
          aria-label={t("patient.booking.scan")}
        />
      )}
      <Button wide onClick={onClose}>
        {t("patient.booking.scanStop")}
      </Button>
    </div>
  );
}
