/**
 * A scripted participant: a drawn face and recorded speech as a MediaStream, for demo partners and
 * tests. The media are real; only the person is drawn. Every frame carries its number as a strip of
 * light and dark cells, so that a receiver can tell moving pictures from a frozen one.
 */
import type { MediaSource } from "./types.ts";

const COUNTER_BITS = 12;
const STRIP_PART = 1 / 12;
const LEVEL_SMOOTHING = 0.35;

export type ScriptedPartnerOptions = {
  name: string;
  /** Address of an audio file; it is looped with pauses. Without it, a soft tone is hummed. */
  speechUrl?: string;
  width?: number;
  height?: number;
  framesPerSecond?: number;
  /** Silence between two turns of speech, in milliseconds. */
  pauseMs?: number;
  /** Wait before the first turn, so that several partners do not all speak at once. */
  delayMs?: number;
  /** Colours of the drawing: background, face, lines. */
  colours?: { background: string; face: string; line: string };
};

export type ScriptedPartner = {
  stream: MediaStream;
  /** Gives its own tracks to a room client in place of camera and microphone. */
  media: MediaSource;
  /** Whether speech is running at the moment. */
  readonly speaking: boolean;
  /** Number of frames drawn. */
  readonly frames: number;
  stop(): void;
};

const defaultColours = { background: "#2b3a35", face: "#e6c7a8", line: "#2a1f1a" };

/** Builds the partner; needs a page that may play sound (a click has happened, or a test's flag). */
export async function createScriptedPartner(
  options: ScriptedPartnerOptions,
): Promise<ScriptedPartner> {
  const { width = 640, height = 360, framesPerSecond = 20 } = options;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("no canvas");

  const voice = await createVoice(options);
  let frames = 0;
  let openness = 0;
  const draw = () => {
    openness += LEVEL_SMOOTHING * (voice.level() - openness);
    drawFace(context, options, openness, frames);
    drawCounter(context, frames);
    frames++;
  };
  draw();
  // A timer in a worker keeps its pace in a background tab; requestAnimationFrame does not.
  const stopTicking = tickEvery(1000 / framesPerSecond, draw);
  const pictures = canvas.captureStream(framesPerSecond);
  const stream = new MediaStream([...pictures.getVideoTracks(), ...voice.stream.getAudioTracks()]);

  return {
    stream,
    media: {
      async getUserMedia(constraints) {
        const tracks = [
          ...(constraints.video ? pictures.getVideoTracks() : []),
          ...(constraints.audio ? voice.stream.getAudioTracks() : []),
        ];
        return new MediaStream(tracks.map((track) => track.clone()));
      },
      async getDisplayMedia() {
        return new MediaStream(pictures.getVideoTracks().map((track) => track.clone()));
      },
    },
    get speaking() {
      return voice.speaking();
    },
    get frames() {
      return frames;
    },
    stop() {
      stopTicking();
      voice.stop();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** Reads the frame number back from a picture drawn by `drawCounter`; null when it is not one. */
export function readFrameNumber(image: ImageData): number | null {
  const { width, height, data } = image;
  const y = Math.floor(height * (1 - STRIP_PART / 2));
  let number = 0;
  for (let bit = 0; bit < COUNTER_BITS; bit++) {
    const x = Math.floor(((bit + 0.5) * width) / COUNTER_BITS);
    const at = 4 * (y * width + x);
    const brightness = ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
    if (brightness > 90 && brightness < 165) return null;
    if (brightness >= 165) number |= 1 << bit;
  }
  return number;
}

type Voice = {
  stream: MediaStream;
  /** 0 (silent) to 1 (loud). */
  level(): number;
  speaking(): boolean;
  stop(): void;
};

async function createVoice(options: ScriptedPartnerOptions): Promise<Voice> {
  const { speechUrl, pauseMs = 2_500, delayMs = 0 } = options;
  const context = new AudioContext({ sampleRate: 48_000 });
  // Without a click the browser may hold it; it starts by itself after the first one.
  context.resume().catch(() => {});
  const output = context.createMediaStreamDestination();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  analyser.connect(output);
  const wave = new Float32Array(analyser.fftSize);
  let isSpeaking = false;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  if (speechUrl === undefined) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = 220;
    gain.gain.value = 0.1;
    tone.connect(gain).connect(analyser);
    tone.start();
    isSpeaking = true;
  } else {
    const response = await fetch(speechUrl);
    if (!response.ok) throw new Error(`speech cannot be loaded: ${response.status}`);
    const speech = await context.decodeAudioData(await response.arrayBuffer());
    const speak = () => {
      if (isStopped) return;
      const turn = context.createBufferSource();
      turn.buffer = speech;
      turn.connect(analyser);
      turn.addEventListener("ended", () => {
        isSpeaking = false;
        timer = setTimeout(speak, pauseMs);
      });
      isSpeaking = true;
      turn.start();
    };
    timer = setTimeout(speak, delayMs);
  }

  return {
    stream: output.stream,
    level() {
      analyser.getFloatTimeDomainData(wave);
      let sum = 0;
      for (const value of wave) sum += value * value;
      return Math.min(1, 4 * Math.sqrt(sum / wave.length));
    },
    speaking: () => isSpeaking,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      void context.close();
    },
  };
}

function tickEvery(intervalMs: number, tick: () => void): () => void {
  const source = `setInterval(() => postMessage(0), ${intervalMs})`;
  try {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = tick;
    let fallback: ReturnType<typeof setInterval> | undefined;
    // A page whose policy forbids such workers ticks by itself.
    worker.onerror = () => {
      fallback ??= setInterval(tick, intervalMs);
    };
    return () => {
      worker.terminate();
      clearInterval(fallback);
      URL.revokeObjectURL(url);
    };
  } catch {
    const timer = setInterval(tick, intervalMs);
    return () => clearInterval(timer);
  }
}

function drawFace(
  context: CanvasRenderingContext2D,
  { name, colours = defaultColours }: ScriptedPartnerOptions,
  openness: number,
  frame: number,
): void {
  const { width, height } = context.canvas;
  const size = height * 0.32;
  const x = width / 2 + Math.sin(frame / 40) * width * 0.015;
  const y = height * 0.42 + Math.cos(frame / 55) * height * 0.01;
  const isBlinking = frame % 90 < 4;
  context.fillStyle = colours.background;
  context.fillRect(0, 0, width, height);
  const ellipse = (cx: number, cy: number, rx: number, ry: number, fill: string) => {
    context.fillStyle = fill;
    context.beginPath();
    context.ellipse(cx, cy, Math.max(0.5, rx), Math.max(0.5, ry), 0, 0, 2 * Math.PI);
    context.fill();
  };
  // Shoulders, hair, face.
  ellipse(x, y + size * 1.9, size * 1.35, size * 0.95, "#f2f2ee");
  ellipse(x, y - size * 0.18, size * 0.82, size * 0.98, colours.line);
  ellipse(x, y, size * 0.74, size * 0.95, colours.face);
  for (const side of [-1, 1]) {
    ellipse(
      x + side * size * 0.28,
      y - size * 0.15,
      size * 0.07,
      isBlinking ? 1 : size * 0.08,
      colours.line,
    );
    context.fillStyle = colours.line;
    context.fillRect(
      x + side * size * 0.28 - size * 0.12,
      y - size * 0.34,
      size * 0.24,
      size * 0.045,
    );
  }
  ellipse(
    x,
    y + size * 0.45,
    size * (0.24 - 0.06 * openness),
    size * (0.03 + 0.22 * openness),
    "#7c2f2b",
  );
  context.fillStyle = "#ffffff";
  context.font = `${Math.round(height * 0.07)}px system-ui, sans-serif`;
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(name, width * 0.03, height * 0.03);
}

function drawCounter(context: CanvasRenderingContext2D, frame: number): void {
  const { width, height } = context.canvas;
  const top = Math.floor(height * (1 - STRIP_PART));
  const number = frame % (1 << COUNTER_BITS);
  for (let bit = 0; bit < COUNTER_BITS; bit++) {
    context.fillStyle = number & (1 << bit) ? "#ffffff" : "#000000";
    const left = Math.floor((bit * width) / COUNTER_BITS);
    context.fillRect(left, top, Math.ceil(width / COUNTER_BITS), height - top);
  }
}
