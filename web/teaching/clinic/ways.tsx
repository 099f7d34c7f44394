import { Button } from "../../design/components/button.tsx";
import { Status } from "../../design/components/status.tsx";
import { line, thinLine } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { languageOf } from "../../room/channel-language.ts";
import type { RoomState } from "../../room/media/index.ts";
import type { Lecture } from "../lecture.ts";

export const listenWays = ["full", "slides-and-sound", "sound-only"] as const;

/** What arrives now, in one sentence: what was chosen, and what the line makes of it. */
export function useWayWords() {
  const t = useText();
  return ({ listening }: Pick<RoomState, "listening">): string =>
    listening.chosen === listening.effective
      ? t(`lecture.way.now.${listening.effective}`)
      : t("lecture.way.fallen");
}

/** How one listens: picture, slides and sound, sound alone; and whose voice. */
export function Ways({
  lecture,
  onWay,
}: {
  lecture: Lecture;
  onWay: (way: (typeof listenWays)[number]) => void;
}) {
  const t = useText();
  const { room, client } = lecture;
  const wayWords = useWayWords();
  const { channels, chosen } = room.interpretation;
  const fallen = room.listening.chosen !== room.listening.effective;
  return (
    <section className="stack ways">
      <p>
        <Status tone={fallen ? "warn" : "good"} icon={fallen ? thinLine : line}>
          {wayWords(room)}
        </Status>
      </p>
      <fieldset>
        <legend className="field-label">{t("lecture.ways.title")}</legend>
        {listenWays.map((way) => (
          <label key={way} className="way">
            <input
              type="radio"
              name="way"
              checked={room.listening.chosen === way}
              onChange={() => onWay(way)}
            />
            <span>
              <span className="strong">{t(`lecture.way.${way}`)}</span>
              <span className="muted small">{t(`lecture.way.${way}.how`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {channels.length > 0 ? (
        <fieldset>
          <legend className="field-label">{t("lecture.interpret.listen")}</legend>
          {[null, ...channels.map((one) => one.channel)].map((channel) => (
            <label key={channel ?? "floor"} className="way">
              <input
                type="radio"
                name="channel"
                checked={chosen === channel}
                onChange={() => void client.chooseInterpretation(channel)}
              />
              <span className="strong">
                {channel === null
                  ? t("lecture.interpret.floor")
                  : t(`common.languageName.${languageOf(channel)}`)}
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
      {room.demo ? (
        <div className="row">
          <Button size="small" icon={thinLine} onClick={() => void client.simulateThinLine(true)}>
            {t("lecture.demo.thin")}
          </Button>
          <Button size="small" icon={line} onClick={() => void client.simulateThinLine(false)}>
            {t("lecture.demo.good")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
