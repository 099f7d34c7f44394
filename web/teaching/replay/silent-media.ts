/** What a replay's player needs of what it plays: a media element, or a clock where there is no media. */
export type Playable = EventTarget &
  Pick<HTMLMediaElement, "currentTime" | "paused" | "playbackRate" | "play" | "pause">;

const TICK_MS = 250;

/**
 * A clock that is played, stopped, jumped in and sped like a media element and tells the same events: slides,
 * chat and drawings are replayed by it where nothing was recorded.
 */
export class SilentMedia extends EventTarget implements Playable {
  private readonly lengthSeconds: number;
  private readonly now: () => number;
  private base: number;
  private pace = 1;
  /** Null: it stands. */
  private since: number | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(durationMs: number, atSeconds = 0, now = () => performance.now()) {
    super();
    this.lengthSeconds = durationMs / 1000;
    this.base = Math.min(atSeconds, this.lengthSeconds);
    this.now = now;
  }

  get paused(): boolean {
    return this.since === null;
  }

  get currentTime(): number {
    const played = this.since === null ? 0 : ((this.now() - this.since) / 1000) * this.pace;
    return Math.min(this.lengthSeconds, this.base + played);
  }

  set currentTime(seconds: number) {
    this.moveTo(Math.min(this.lengthSeconds, Math.max(0, seconds)));
    this.tell("seeking");
  }

  get playbackRate(): number {
    return this.pace;
  }

  set playbackRate(pace: number) {
    this.moveTo(this.currentTime);
    this.pace = pace;
  }

  async play(): Promise<void> {
    if (!this.paused) return;
    if (this.base >= this.lengthSeconds) this.base = 0;
    this.since = this.now();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    this.tell("playing");
  }

  pause(): void {
    if (this.paused) return;
    this.base = this.currentTime;
    this.since = null;
    clearInterval(this.ticking);
    this.tell("pause");
  }

  private moveTo(seconds: number): void {
    this.base = seconds;
    if (this.since !== null) this.since = this.now();
  }

  private tick(): void {
    this.tell("timeupdate");
    if (this.currentTime < this.lengthSeconds) return;
    this.pause();
    this.tell("ended");
  }

  private tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}
