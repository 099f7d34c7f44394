/**
 * What runs in a page before the product does: a drawn camera and a steady tone in place of devices
 * (cheap, and told apart at the other end by colour and pitch), and ears for what arrives.
 */
export type Face = {
  /** Colour of the picture. */
  red: number;
  green: number;
  blue: number;
  /** Pitch of the voice. */
  hertz: number;
};

/** Reached in the page as `globalThis.measures`. */
export type PageMeasures = {
  /** How loud a pitch arrives from others, in decibels of full scale; −∞ is silence. */
  loudness(hertz: number): number;
  /** Begins to remember the loudest moment of some pitches; the second call answers and ends it. */
  startListening(hertz: number[]): void;
  stopListening(): number;
  /** Sum over all that is received: audio energy and decoded frames of connections that live. */
  received(): Promise<{ energy: number; frames: number }>;
  /** RTC port of the media worker that this page receives from. */
  remotePort(): Promise<number | null>;
  /** Numbers of the connections that are open; a new one has a new number. */
  connections(): number[];
  /** Pictures that the drawn camera took at full resolution: SHA-256 and length. */
  photos: { sha256: string; bytes: number; width: number; height: number }[];
  /** Frames shown in a person's tile since `mark` was called for it. */
  mark(name: string): void;
  framesSince(name: string): number;
  /** Colour in the middle of a person's picture. */
  colour(name: string): [number, number, number] | null;
};

declare global {
  var measures: PageMeasures;
}

/** Installed with `addInitScript`; uses nothing from outside itself. */
export function installPageMedia(face: Face): void {
  const width = 640;
  const height = 360;
  const framesPerSecond = 6;
  const photoWidth = 2592;
  const photoHeight = 1944;

  let camera: MediaStreamTrack | null = null;
  const openCamera = () => {
    if (camera) return camera;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { alpha: false })!;
    let frame = 0;
    const draw = () => {
      context.fillStyle = `rgb(${face.red} ${face.green} ${face.blue})`;
      context.fillRect(0, 0, width, height);
      // Something that moves, at the edge: the middle keeps its colour.
      context.fillStyle = "#fff";
      context.fillRect((frame * 16) % width, height - 40, 48, 40);
      frame += 1;
    };
    draw();
    setInterval(draw, 1000 / framesPerSecond);
    camera = canvas.captureStream(framesPerSecond).getVideoTracks()[0]!;
    return camera;
  };

  let voice: MediaStreamTrack | null = null;
  const openVoice = () => {
    if (voice) return voice;
    const context = new AudioContext({ sampleRate: 48_000 });
    const tone = context.createOscillator();
    tone.frequency.value = face.hertz;
    const gain = context.createGain();
    gain.gain.value = 0.1;
    const output = context.createMediaStreamDestination();
    tone.connect(gain).connect(output);
    tone.start();
    voice = output.stream.getAudioTracks()[0]!;
    return voice;
  };

  if (navigator.mediaDevices) {
    navigator.mediaDevices.getUserMedia = async (constraints) =>
      new MediaStream([
        ...(constraints?.video ? [openCamera().clone()] : []),
        ...(constraints?.audio ? [openVoice().clone()] : []),
      ]);
  }

  const hex = async (bytes: ArrayBuffer) =>
    [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");

  /** A camera's own photograph: larger than its video, and with detail that does not compress. */
  class DrawnImageCapture {
    async takePhoto(): Promise<Blob> {
      const canvas = document.createElement("canvas");
      canvas.width = photoWidth;
      canvas.height = photoHeight;
      const context = canvas.getContext("2d")!;
      const noise = context.createImageData(photoWidth, photoHeight);
      const words = new Uint32Array(noise.data.buffer);
      let seed = 1;
      for (let index = 0; index < words.length; index += 1) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        words[index] = seed | 0xff000000;
      }
      context.putImageData(noise, 0, 0);
      const blob = await new Promise<Blob | null>((resolve) =>
        canvas.toBlob(resolve, "image/jpeg", 0.8),
      );
      if (!blob) throw new Error("no photograph");
      const bytes = await blob.arrayBuffer();
      globalThis.measures.photos.push({
        sha256: await hex(bytes),
        bytes: bytes.byteLength,
        width: photoWidth,
        height: photoHeight,
      });
      return blob;
    }
  }
  Object.defineProperty(globalThis, "ImageCapture", { value: DrawnImageCapture });

  const connections = new Map<RTCPeerConnection, number>();
  let made = 0;
  let ears: { context: AudioContext; analyser: AnalyserNode } | null = null;
  const listen = (track: MediaStreamTrack) => {
    if (!ears) {
      const context = new AudioContext({ sampleRate: 48_000 });
      const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
      ears = { context, analyser };
    }
    ears.context.createMediaStreamSource(new MediaStream([track])).connect(ears.analyser);
  };
  const Plain = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made += 1;
      connections.set(this, made);
      this.addEventListener("track", (event) => {
        if (event.track.kind === "audio") listen(event.track);
      });
    }
    override close(): void {
      connections.delete(this);
      super.close();
    }
  };

  const loudness = (hertz: number) => {
    if (!ears) return Number.NEGATIVE_INFINITY;
    const { analyser } = ears;
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const middle = Math.round((hertz * analyser.fftSize) / 48_000);
    return Math.max(...bins.subarray(middle - 1, middle + 2));
  };
  const stats = async (type: string) => {
    const all: Record<string, unknown>[] = [];
    for (const connection of connections.keys()) {
      for (const stat of (await connection.getStats()).values()) {
        if (stat.type === type) all.push(stat as Record<string, unknown>);
      }
    }
    return all;
  };

  const pictureOf = (name: string) =>
    [...document.querySelectorAll<HTMLVideoElement>(".tile[data-peer] video")].find(
      (video) => !video.hidden && video.getAttribute("aria-label")?.includes(name),
    );
  const marks = new Map<string, { track: string; frames: number }>();
  const countOf = (name: string) => {
    const video = pictureOf(name);
    const track = (video?.srcObject as MediaStream | null | undefined)?.getVideoTracks()[0]?.id;
    if (!video || !track) return null;
    return { track, frames: video.getVideoPlaybackQuality().totalVideoFrames };
  };

  let listening: { timer: ReturnType<typeof setInterval>; loudest: number } | null = null;
  globalThis.measures = {
    photos: [],
    loudness,
    startListening(pitches) {
      const now = { timer: setInterval(hear, 50), loudest: Number.NEGATIVE_INFINITY };
      function hear() {
        now.loudest = Math.max(now.loudest, ...pitches.map(loudness));
      }
      listening = now;
    },
    stopListening() {
      if (!listening) throw new Error("nobody listens");
      clearInterval(listening.timer);
      return listening.loudest;
    },
    async received() {
      const inbound = await stats("inbound-rtp");
      const sum = (name: string) =>
        inbound.reduce((total, stat) => total + Number(stat[name] ?? 0), 0);
      return { energy: sum("totalAudioEnergy"), frames: sum("framesDecoded") };
    },
    async remotePort() {
      const [pairs, candidates] = [await stats("candidate-pair"), await stats("remote-candidate")];
      const used = pairs.find((pair) => pair.nominated && pair.state === "succeeded");
      const remote = candidates.find((one) => one.id === used?.remoteCandidateId);
      return remote ? Number(remote.port) : null;
    },
    connections: () => [...connections.values()],
    mark(name) {
      marks.set(name, countOf(name) ?? { track: "", frames: 0 });
    },
    framesSince(name) {
      const now = countOf(name);
      if (!now) return 0;
      const before = marks.get(name);
      // Another track or a counter that began anew: count from there.
      if (!before || before.track !== now.track || now.frames < before.frames) {
        marks.set(name, now);
        return 0;
      }
      return now.frames - before.frames;
    },
    colour(name) {
      const video = pictureOf(name);
      if (!video || video.videoWidth === 0) return null;
      const canvas = document.createElement("canvas");
      canvas.width = 1;
      canvas.height = 1;
      const context = canvas.getContext("2d")!;
      context.drawImage(video, video.videoWidth * 0.5, video.videoHeight * 0.4, 2, 2, 0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
      return [red, green, blue];
    },
  };
}
