import { useEffect, useState } from "react";

/** How loud a stream is now, 0 to 1, about ten times a second. */
export function useLevel(stream: MediaStream | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!stream || stream.getAudioTracks().length === 0) {
      setLevel(0);
      return;
    }
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    const source = context.createMediaStreamSource(stream);
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
      setLevel(Math.min(1, Math.sqrt(power) * 4));
    }, 100);
    return () => {
      clearInterval(timer);
      source.disconnect();
      void context.close();
    };
  }, [stream]);
  return level;
}

export type LineWord = "checking" | "good" | "fair" | "thin" | "gone";

/** The line to our server in one word: the middle of five short answers. */
export function useLineCheck(): LineWord {
  const [word, setWord] = useState<LineWord>("checking");
  useEffect(() => {
    let gone = false;
    const measure = async () => {
      const times: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const begun = performance.now();
        try {
          await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
          times.push(performance.now() - begun);
        } catch {
          times.push(Number.POSITIVE_INFINITY);
        }
      }
      const middle = times.toSorted((left, right) => left - right)[2] ?? Number.POSITIVE_INFINITY;
      if (!gone)
        setWord(
          middle === Number.POSITIVE_INFINITY
            ? "gone"
            : middle > 800
              ? "thin"
              : middle > 350
                ? "fair"
                : "good",
        );
    };
    void measure();
    return () => {
      gone = true;
    };
  }, []);
  return word;
}
