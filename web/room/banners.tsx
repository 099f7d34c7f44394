import { useEffect, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { offline, retry } from "../design/icons.ts";
import { hand, lock, thinLine } from "../design/icons-work.ts";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useRoom } from "./room-context.ts";
import { useRoleWords } from "./tile.tsx";

const shownMilliseconds = 8000;
const passing = new Set([
  "line-video-back",
  "line-video-full",
  "line-healed",
  "muted-by-moderator",
  "camera-failed",
  "microphone-failed",
  "screen-failed",
]);

/** What happens with the line and the room, said in sentences; nothing has to be pressed to heal. */
export function Banners() {
  const t = useText();
  const { room, client } = useRoom();
  const roleWords = useRoleWords();
  const [now, setNow] = useState(Date.now);
  const last = room.notices.findLast(
    (notice) => passing.has(notice.code) && now - notice.at < shownMilliseconds,
  );
  useEffect(() => {
    if (room.notices.length === 0) return;
    setNow(Date.now());
    const timer = setTimeout(() => setNow(Date.now()), shownMilliseconds + 100);
    return () => clearTimeout(timer);
  }, [room.notices.length]);

  const nameOf = (peerId: string | null) =>
    peerId === null || peerId === room.peerId
      ? t("room.banner.you")
      : (room.peers.find((peer) => peer.id === peerId)?.name ?? t("room.banner.somebody"));
  const thin = room.peers.filter((peer) => !peer.away && peer.video.up === "off");
  const away = room.peers.filter((peer) => peer.away);
  const held =
    room.privateState.active &&
    !room.privateState.members.some((member) => member.peerId === room.peerId);
  return (
    <div className="banners">
      {room.connection === "reconnecting" || room.connection === "moved" ? (
        <Notice tone="warn" icon={retry}>
          {t(`room.banner.${room.connection}`)}
        </Notice>
      ) : null}
      {room.me?.video.up === "off" || room.me?.video.down === "off" ? (
        <Notice tone="warn" icon={thinLine}>
          {t("room.banner.thin", { name: t("room.banner.you") })}
        </Notice>
      ) : room.me?.video.up === "low" || room.me?.video.down === "low" ? (
        <Notice tone="warn" icon={thinLine}>
          {t("room.banner.lower", { name: t("room.banner.you") })}
        </Notice>
      ) : null}
      {thin.map((peer) => (
        <Notice key={peer.id} tone="warn" icon={thinLine}>
          {t("room.banner.thin", { name: peer.name })}
        </Notice>
      ))}
      {away.map((peer) => (
        <Notice key={peer.id} tone="warn" icon={offline}>
          {t("room.banner.away", { name: peer.name })}
        </Notice>
      ))}
      {held ? (
        <Notice tone="info" icon={lock} title={t("room.banner.private")}>
          {t("room.banner.privateWhy")}
        </Notice>
      ) : room.privateState.active ? (
        <Notice tone="info" icon={lock}>
          {room.privateAudio ? t("room.banner.privateIn") : t("room.banner.privateText")}
        </Notice>
      ) : null}
      {room.me?.moderator
        ? room.waiting.map((peer) => (
            <Notice
              key={peer.id}
              tone="info"
              icon={hand}
              title={t("room.banner.waiting", { name: peer.name, role: roleWords(peer.role) })}
              action={
                <span className="row">
                  <Button look="primary" size="small" onClick={() => void client.admit(peer.id)}>
                    {t("room.lobby.admit")}
                  </Button>
                  <Button size="small" onClick={() => void client.refuse(peer.id)}>
                    {t("room.lobby.refuse")}
                  </Button>
                </span>
              }
            />
          ))
        : null}
      {last ? (
        <Notice
          tone={
            last.code.endsWith("failed") || last.code === "muted-by-moderator" ? "warn" : "good"
          }
        >
          {t(`room.notice.${last.code}` as MessageId, { name: nameOf(last.peerId) })}
        </Notice>
      ) : null}
    </div>
  );
}
