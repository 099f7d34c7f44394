import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { languageOf } from "./channel-language.ts";
import { useRoom } from "./room-context.ts";

/** Which voice I hear: the room's own or an interpreter's. An interpreter chooses here what to speak. */
export function InterpretationBar() {
  const t = useText();
  const { room, client } = useRoom();
  const { channels, chosen } = room.interpretation;
  const isInterpreter = room.me?.role === "interpreter";
  const speaking = channels.find((entry) => entry.peerId === room.peerId)?.channel ?? null;
  const others = channels.filter((entry) => entry.peerId !== room.peerId);
  if (!isInterpreter && others.length < 2) return null;
  return (
    <div className="interpretation">
      {isInterpreter ? (
        <Segmented
          label={t("room.interpret.speak")}
          value={speaking ?? "none"}
          onChange={(next) => void client.interpret(next === "none" ? null : next).catch(() => {})}
          options={[
            { value: "none", label: t("room.interpret.off") },
            { value: "bo", label: t("common.languageName.bo") },
            { value: "zh-CN", label: t("common.languageName.zh-CN") },
          ]}
        />
      ) : null}
      {others.length > 1 ? (
        <Segmented
          label={t("room.interpret.listen")}
          value={chosen ?? "floor"}
          onChange={(next) => void client.chooseInterpretation(next === "floor" ? null : next)}
          options={[
            { value: "floor", label: t("room.interpret.floor") },
            ...others.map((entry) => ({
              value: entry.channel,
              label: t(`common.languageName.${languageOf(entry.channel)}`),
            })),
          ]}
        />
      ) : null}
    </div>
  );
}
