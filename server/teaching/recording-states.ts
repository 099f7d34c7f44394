/** From the first order to record to the last deletion; the table is the same in the database. */
export const recordingStates = ["recording", "processing", "ready", "failed", "deleted"] as const;
export type RecordingState = (typeof recordingStates)[number];

export const recordingTransitions: Record<RecordingState, readonly RecordingState[]> = {
  recording: ["processing", "failed"],
  processing: ["ready", "failed"],
  /** Mixed again, after a fault of ours. */
  ready: ["processing", "deleted"],
  failed: ["processing", "deleted"],
  deleted: [],
};

/** What replay offers: the picture of who speaks with everybody's sound, and the sound alone. */
export const recordingVariants = ["full", "sound"] as const;
export type RecordingVariant = (typeof recordingVariants)[number];

export const mediaTypes: Record<RecordingVariant, string> = {
  full: "video/mp4",
  sound: "audio/mp4",
};
