import type { MediaSource, RoomClientOptions, StageSource } from "./types.ts";

/** What somebody wants to send of one kind, whether or not there is a session to send it on. */
export type Wish = {
  track: MediaStreamTrack;
  stream: MediaStream;
  paused: boolean;
  /** A moderator muted it. */
  muted: boolean;
  channel?: string;
};

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};
const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

/** The own devices: asked for when first wanted, let go (camera light off) when not. */
export class LocalMedia {
  readonly wishes = new Map<StageSource, Wish>();
  private readonly source: MediaSource;
  private readonly options: RoomClientOptions;
  private readonly onEnded: (source: StageSource) => void;

  constructor(options: RoomClientOptions, onEnded: (source: StageSource) => void) {
    this.options = options;
    this.onEnded = onEnded;
    this.source = options.media ?? navigator.mediaDevices;
  }

  /** @throws what the browser throws when a device is refused or absent */
  async open(source: StageSource, channel?: string): Promise<Wish> {
    const existing = this.wishes.get(source);
    if (existing) return existing;
    const stream = await this.capture(source);
    const track = stream.getTracks()[0];
    if (!track) throw new DOMException("no track", "NotFoundError");
    const wish: Wish = {
      track,
      stream,
      paused: false,
      muted: false,
      ...(channel === undefined ? {} : { channel }),
    };
    this.wishes.set(source, wish);
    track.addEventListener("ended", () => {
      if (this.wishes.get(source) === wish) this.onEnded(source);
    });
    return wish;
  }

  private async capture(source: StageSource): Promise<MediaStream> {
    if (source === "screen") {
      const options = { video: { frameRate: 8 }, audio: false };
      const capture = this.source.getDisplayMedia?.bind(this.source);
      return await (capture ?? navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices))(
        options,
      );
    }
    if (source === "video") {
      return await this.source.getUserMedia({
        video: { ...CAMERA, ...this.options.videoConstraints },
      });
    }
    return await this.source.getUserMedia({
      audio: { ...MICROPHONE, ...this.options.audioConstraints },
    });
  }

  release(source: StageSource): void {
    const wish = this.wishes.get(source);
    this.wishes.delete(source);
    wish?.track.stop();
  }

  releaseAll(): void {
    for (const source of [...this.wishes.keys()]) this.release(source);
  }
}
