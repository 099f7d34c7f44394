import { useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { CheckField, SelectField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { camera as cameraIcon } from "../design/icons.ts";
import { line, microphone, thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { useLevel, useLineCheck } from "./device-measures.ts";

export type Devices = {
  microphone: boolean;
  camera: boolean;
  microphoneId: string | null;
  cameraId: string | null;
};

/** Before entering: the level moves when I speak, I see my picture, the line is told in words. */
export function DeviceCheck({
  listens,
  onEnter,
}: {
  listens: boolean;
  onEnter: (devices: Devices) => void;
}) {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [wanted, setWanted] = useState<Devices>({
    microphone: !listens,
    camera: !listens,
    microphoneId: null,
    cameraId: null,
  });
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState<"refused" | "absent" | "insecure" | null>(null);
  const [list, setList] = useState<MediaDeviceInfo[]>([]);
  const level = useLevel(stream);
  const lineWord = useLineCheck();

  useEffect(() => {
    if (!wanted.microphone && !wanted.camera) {
      setStream(null);
      return;
    }
    if (!navigator.mediaDevices) {
      setProblem("insecure");
      return;
    }
    let gone = false;
    let opened: MediaStream | null = null;
    navigator.mediaDevices
      .getUserMedia({
        audio:
          wanted.microphone && (wanted.microphoneId ? { deviceId: wanted.microphoneId } : true),
        video: wanted.camera && {
          height: { ideal: 480 },
          ...(wanted.cameraId ? { deviceId: wanted.cameraId } : {}),
        },
      })
      .then(async (given) => {
        opened = given;
        if (gone) return stop(given);
        setProblem(null);
        setStream(given);
        setList(await navigator.mediaDevices.enumerateDevices());
      })
      .catch((error: DOMException) => {
        setStream(null);
        setProblem(error.name === "NotAllowedError" ? "refused" : "absent");
      });
    return () => {
      gone = true;
      if (opened) stop(opened);
    };
  }, [wanted.microphone, wanted.camera, wanted.microphoneId, wanted.cameraId]);

  useEffect(() => {
    if (video.current) video.current.srcObject = wanted.camera ? stream : null;
  }, [stream, wanted.camera]);

  const tone: Record<string, Tone> = {
    good: "good",
    fair: "warn",
    thin: "warn",
    gone: "bad",
    checking: "quiet",
  };
  const cameras = list.filter((device) => device.kind === "videoinput");
  const microphones = list.filter((device) => device.kind === "audioinput");
  return (
    <main className="room-door device-check" id="main">
      <h1>{t("room.check.title")}</h1>
      <div className="device-columns">
        <div className="device-picture">
          {wanted.camera && stream ? (
            <video ref={video} autoPlay playsInline muted aria-label={t("room.check.picture")} />
          ) : (
            <p className="muted">{t("room.check.noPicture")}</p>
          )}
        </div>
        <div className="stack">
          <CheckField
            label={t("room.check.microphone")}
            checked={wanted.microphone}
            onChange={(event) => setWanted({ ...wanted, microphone: event.target.checked })}
          />
          {wanted.microphone ? (
            <div className="level">
              <meter min={0} max={1} value={level} aria-label={t("room.check.level")} />
              <Status tone={level > 0.02 ? "good" : "quiet"} icon={microphone}>
                {level > 0.02 ? t("room.check.heard") : t("room.check.speak")}
              </Status>
            </div>
          ) : null}
          {microphones.length > 1 ? (
            <SelectField
              label={t("room.check.whichMicrophone")}
              value={wanted.microphoneId ?? ""}
              onChange={(event) =>
                setWanted({ ...wanted, microphoneId: event.target.value || null })
              }
            >
              <option value="">{t("room.check.standard")}</option>
              {microphones.map((device) => (
                <option key={device.deviceId} value={device.deviceId}>
                  {device.label}
                </option>
              ))}
            </SelectField>
          ) : null}
          <CheckField
            label={t("room.check.camera")}
            checked={wanted.camera}
            onChange={(event) => setWanted({ ...wanted, camera: event.target.checked })}
          />
          {cameras.length > 1 ? (
            <SelectField
              label={t("room.check.whichCamera")}
              value={wanted.cameraId ?? ""}
              onChange={(event) => setWanted({ ...wanted, cameraId: event.target.value || null })}
            >
              <option value="">{t("room.check.standard")}</option>
              {cameras.map((device) => (
                <option key={device.deviceId} value={device.deviceId}>
                  {device.label}
                </option>
              ))}
            </SelectField>
          ) : null}
          <p>
            {t("room.check.line")}{" "}
            <Status tone={tone[lineWord] ?? "quiet"} icon={lineWord === "good" ? line : thinLine}>
              {t(`room.line.${lineWord}`)}
            </Status>
          </p>
          {problem ? (
            <Notice tone="warn" icon={cameraIcon} title={t(`room.check.problem.${problem}`)}>
              {t(`room.check.problem.${problem}How`)}
            </Notice>
          ) : null}
          <Button
            look="primary"
            size="large"
            onClick={() => {
              if (stream) stop(stream);
              onEnter(
                problem
                  ? {
                      ...wanted,
                      camera: false,
                      microphone: problem === "absent" ? false : wanted.microphone,
                    }
                  : wanted,
              );
            }}
          >
            {t("room.check.enter")}
          </Button>
          <p className="muted small">{t("room.check.later")}</p>
        </div>
      </div>
    </main>
  );
}

function stop(stream: MediaStream) {
  for (const track of stream.getTracks()) track.stop();
}
