import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { api } from "../api/client.ts";
import { readSession } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { thinLine } from "../design/icons-work.ts";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { createRoomClient, type RoomClient } from "../room/media/index.ts";
import { createScriptedPartner, type ScriptedPartner } from "../room/media/scripted-partner.ts";
import { partnerLooks, partnerNames } from "./partners.ts";

type Grant = { token: string; nodeUrl: string; displayName: string };

/** A scripted participant in its own frame: it enters the room by the same way as everybody. */
export function Partner() {
  const t = useText();
  const query = new URLSearchParams(location.search);
  const consultId = query.get("consult") ?? "";
  const name = partnerNames.find((one) => one === query.get("partner")) ?? "attending";
  const video = useRef<HTMLVideoElement>(null);
  const [client, setClient] = useState<RoomClient | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let gone = false;
    let partner: ScriptedPartner | null = null;
    let joined: RoomClient | null = null;
    const enter = async () => {
      const look = partnerLooks[name];
      partner = await createScriptedPartner({
        name: t(`story.partner.${name}`),
        speechUrl: "/demo/speech-zh.opus",
        delayMs: look.delayMs,
        pauseMs: look.pauseMs,
        colours: { background: look.background, face: "#e6c7a8", line: "#2a1f1a" },
      });
      if (gone) return partner.stop();
      if (video.current) video.current.srcObject = partner.stream;
      joined = createRoomClient({
        media: partner.media,
        getToken: async () => {
          await readSession();
          const grant = await api.post<Grant>(`/api/demo/consults/${consultId}/partner-token`, {
            partner: name,
          });
          return { token: grant.token, url: grant.nodeUrl };
        },
      });
      setClient(joined);
      await joined.join();
      await joined.setMicrophone(true);
      await joined.setCamera(true);
      if (name === "interpreter") await joined.interpret("bo");
    };
    enter().catch(() => setFailed(true));
    return () => {
      gone = true;
      void joined?.leave();
      partner?.stop();
    };
  }, [consultId, name, t]);

  return (
    <main className="partner" aria-label={t(`story.partner.${name}`)}>
      <video ref={video} autoPlay playsInline muted aria-label={t(`story.partner.${name}`)} />
      <p className="strong">{t(`story.partner.${name}`)}</p>
      {failed ? (
        <Status tone="bad">{t("story.room.failed")}</Status>
      ) : client ? (
        <Joined client={client} />
      ) : null}
    </main>
  );
}

function Joined({ client }: { client: RoomClient }) {
  const t = useText();
  const room = useSyncExternalStore(client.subscribe, client.getSnapshot);
  const [thin, setThin] = useState(false);
  const here = room.connection === "joined";
  return (
    <div className="row">
      <Status tone={here ? "good" : room.connection === "in-lobby" ? "info" : "quiet"}>
        {here
          ? t(`story.line.${room.line}`)
          : t(
              `story.connection.${room.connection === "in-lobby" ? "lobby" : "other"}` satisfies MessageId,
            )}
      </Status>
      {here && room.demo ? (
        <Button
          size="small"
          icon={thinLine}
          aria-pressed={thin}
          onClick={() => {
            setThin(!thin);
            void client.simulateThinLine(!thin);
          }}
        >
          {thin ? t("story.room.good") : t("story.room.thin")}
        </Button>
      ) : null}
    </div>
  );
}
