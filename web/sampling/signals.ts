/** A tone and a shake beside every word: a sampler looks at the person, not at the phone. */
let context: AudioContext | null = null;

export function signal(kind: "good" | "bad"): void {
  try {
    navigator.vibrate?.(kind === "good" ? 60 : [120, 80, 120]);
    context ??= new AudioContext();
    const start = context.currentTime;
    for (const [index, hertz] of (kind === "good" ? [880] : [240, 180]).entries()) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.2, start + index * 0.18);
      volume.gain.exponentialRampToValueAtTime(0.001, start + index * 0.18 + 0.16);
      tone.connect(volume).connect(context.destination);
      tone.start(start + index * 0.18);
      tone.stop(start + index * 0.18 + 0.17);
    }
  } catch {
    // Without sound the words still say it.
  }
}
