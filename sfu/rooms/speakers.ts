import type { ActiveSpeakerObserver, AudioLevelObserver, Router } from "mediasoup/types";

const INTERVAL_MS = 300;
/** Quieter than this is silence, in dBov. */
const SILENCE_DB = -60;

export type Speakers = {
  /** Follow a microphone; it is forgotten when it closes. */
  add(producerId: string): void;
};

/** Tells who speaks: the dominant speaker, or null when it has become silent. */
export async function createSpeakers(
  router: Router,
  onChange: (producerId: string | null) => void,
): Promise<Speakers> {
  const dominant: ActiveSpeakerObserver = await router.createActiveSpeakerObserver({
    interval: INTERVAL_MS,
  });
  const levels: AudioLevelObserver = await router.createAudioLevelObserver({
    maxEntries: 1,
    threshold: SILENCE_DB,
    interval: 2 * INTERVAL_MS,
  });
  let isSilent = true;
  let last: string | null = null;
  dominant.on("dominantspeaker", ({ producer }) => {
    last = producer.id;
    if (!isSilent) onChange(last);
  });
  levels.on("volumes", (volumes) => {
    if (!isSilent) return;
    isSilent = false;
    onChange(last ?? volumes[0]?.producer.id ?? null);
  });
  levels.on("silence", () => {
    isSilent = true;
    onChange(null);
  });
  return {
    add(producerId) {
      for (const observer of [dominant, levels]) {
        observer.addProducer({ producerId }).catch(() => {});
      }
    },
  };
}
