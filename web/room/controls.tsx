import { type ReactNode, useState } from "react";
import { Icon } from "../design/components/icon.tsx";
import { camera, speaker } from "../design/icons.ts";
import {
  cameraOff,
  chat,
  hangUp,
  lock,
  microphone,
  microphoneOff,
  more,
  pen,
  photo,
  qr,
  screen,
} from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { languageOf } from "./channel-language.ts";
import { InterpretationBar } from "./interpretation-bar.tsx";
import { useRoom } from "./room-context.ts";
import { useStill } from "./use-still.ts";

/** As in call.css. */
const NARROW = "(max-width: 820px)";

/** What one does in the room; every button has its word, a pressed one says so. */
export function Controls() {
  const t = useText();
  const { room, client, session, tab, setTab, annotating, setAnnotating, leave } = useRoom();
  const still = useStill();
  const [leaving, setLeaving] = useState(false);
  const me = room.me;
  const silent = !room.local.audio.on || room.local.audio.muted;
  const dark = !room.local.video.on;
  const doctor = me?.private ?? false;
  const { channels, chosen } = room.interpretation;
  const first = channels[0];
  const ignore = () => {};
  return (
    <section className="controls" aria-label={t("room.controls.label")}>
      <InterpretationBar />
      {/* Always there: a screen reader reads what comes into it. */}
      <p className={still.failed ? "controls-say controls-say-bad" : "controls-say"} role="status">
        {still.words}
      </p>
      {still.progress === null ? null : (
        <progress
          className="controls-progress"
          max={100}
          value={still.progress}
          aria-label={t("room.controls.still")}
        />
      )}
      <div className="controls-row" role="toolbar" aria-label={t("room.controls.label")}>
        <Control
          icon={silent ? microphoneOff : microphone}
          label={silent ? t("room.controls.unmute") : t("room.controls.mute")}
          off={silent}
          onClick={() => void client.setMicrophone(silent).catch(ignore)}
        />
        <Control
          icon={dark ? cameraOff : camera}
          label={dark ? t("room.controls.cameraOn") : t("room.controls.cameraOff")}
          off={dark}
          onClick={() => void client.setCamera(dark).catch(ignore)}
        />
        <Control
          strong
          icon={photo}
          label={t("room.controls.still")}
          busy={still.progress !== null}
          onClick={still.take}
        />
        {room.stills.length > 0 ? (
          <Control
            icon={pen}
            label={t("room.controls.annotate")}
            pressed={annotating && room.shownStill !== null}
            onClick={() => {
              if (room.shownStill === null)
                void client.showStill(room.stills.at(-1)?.attachmentId ?? null);
              const begins = room.shownStill === null || !annotating;
              setAnnotating(begins);
              // On a phone the panel would leave no room to draw in.
              if (begins && matchMedia(NARROW).matches) setTab(null);
            }}
          />
        ) : null}
        {"getDisplayMedia" in (navigator.mediaDevices ?? {}) && session.kind === "staff" ? (
          <Control
            icon={screen}
            label={room.local.screen.on ? t("room.controls.unshare") : t("room.controls.share")}
            pressed={room.local.screen.on}
            onClick={() => void client.shareScreen(!room.local.screen.on).catch(ignore)}
          />
        ) : null}
        {doctor ? (
          <Control
            icon={lock}
            label={
              room.privateState.active ? t("room.controls.privateEnd") : t("room.controls.private")
            }
            pressed={room.privateState.active}
            onClick={() =>
              void (room.privateState.active ? client.endPrivateTalk() : client.startPrivateTalk())
            }
          />
        ) : null}
        {session.kind === "staff" && session.permissions.includes("consult.request") ? (
          <Control icon={qr} label={t("room.controls.invite")} onClick={() => setTab("people")} />
        ) : null}
        {first ? (
          <Control
            icon={speaker}
            label={
              chosen
                ? t("room.controls.floor")
                : t("room.controls.listen", {
                    language: t(`common.languageName.${languageOf(first.channel)}`),
                  })
            }
            pressed={chosen !== null}
            onClick={() => void client.chooseInterpretation(chosen ? null : first.channel)}
          />
        ) : null}
        <Control
          icon={chat}
          label={t("room.controls.chat")}
          pressed={tab === "chat"}
          onClick={() => setTab(tab === "chat" ? null : "chat")}
        />
        <Control
          icon={more}
          label={t("room.controls.more")}
          pressed={tab === "people"}
          onClick={() => setTab(tab === "people" ? null : "people")}
        />
        {leaving ? (
          <>
            <Control danger icon={hangUp} label={t("room.controls.leaveReally")} onClick={leave} />
            <Control
              icon={camera}
              label={t("room.controls.stay")}
              onClick={() => setLeaving(false)}
            />
          </>
        ) : (
          <Control
            danger
            icon={hangUp}
            label={t("room.controls.leave")}
            onClick={() => setLeaving(true)}
          />
        )}
      </div>
      <input
        ref={still.input}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) still.send(file);
          event.target.value = "";
        }}
      />
    </section>
  );
}

function Control({
  icon,
  label,
  onClick,
  pressed,
  off,
  strong,
  danger,
  busy,
}: {
  icon: string;
  label: ReactNode;
  onClick: () => void;
  pressed?: boolean;
  off?: boolean;
  strong?: boolean;
  danger?: boolean;
  busy?: boolean;
}) {
  const kind = danger ? " control-danger" : strong ? " control-strong" : off ? " control-off" : "";
  return (
    <button
      type="button"
      className={`control${kind}`}
      aria-pressed={pressed}
      aria-busy={busy || undefined}
      onClick={onClick}
    >
      <Icon path={icon} />
      <span>{label}</span>
    </button>
  );
}
