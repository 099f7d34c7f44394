/** What the suite needs of a media server, whichever it is. */
import type { LoadProgram } from "./load.ts";

export type Engine = {
  readonly name: string;
  /** All its processes: their CPU time is what it costs. */
  pids(): readonly number[];
  /** Lets the sender's capture flow in. */
  publish(sender: LoadProgram): Promise<void>;
  /** Connects one viewer to picture and sound. */
  attach(viewers: LoadProgram, id: string): Promise<void>;
  detach(viewers: LoadProgram, id: string): Promise<void>;
  close(): Promise<void>;
};

/** What the sender's streams are called on the wire, the same for every server. */
export const SENT = {
  video: { ssrc: 11_111_111, payloadType: 96 },
  audio: { ssrc: 22_222_222, payloadType: 111 },
} as const;
