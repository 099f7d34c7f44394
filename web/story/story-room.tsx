import { useState } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { left } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { type PartnerName, partnersFor } from "./partners.ts";

/** The room, with partners beside it who are real WebRTC clients playing a drawn face and recorded speech. */
export function StoryRoom() {
  const t = useText();
  const query = new URLSearchParams(location.search);
  const consultId = query.get("consult") ?? "";
  const mine = query.get("as") === "attending" ? "attending" : "specialist";
  const [called, setCalled] = useState<PartnerName[]>(() => partnersFor(mine).slice(0, 2));
  const others = partnersFor(mine).filter((name) => !called.includes(name));
  return (
    <div className="story-room">
      <iframe
        className="story-stage"
        src={`/room/${consultId}`}
        title={t("story.room.title")}
        allow="camera; microphone; autoplay; display-capture; fullscreen"
      />
      <section className="story-partners" aria-label={t("story.room.partners")}>
        <Link href="/" className={buttonClass("plain", { size: "small" })}>
          <Icon path={left} />
          <span>{t("story.room.back")}</span>
        </Link>
        <p className="small">{t("story.room.how")}</p>
        {called.map((name) => (
          <iframe
            key={name}
            className="story-partner"
            src={`/story/partner?consult=${consultId}&partner=${name}`}
            title={t(`story.partner.${name}`)}
            allow="autoplay"
          />
        ))}
        {others.map((name) => (
          <Button key={name} size="small" icon={plus} onClick={() => setCalled([...called, name])}>
            {t("story.room.call", { name: t(`story.partner.${name}`) })}
          </Button>
        ))}
      </section>
    </div>
  );
}
