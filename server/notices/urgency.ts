/** How urgent a notice is, and what quiet hours may hold back. Pure. */
export const noticeUrgencies = ["emergency", "urgent", "routine"] as const;
export type NoticeUrgency = (typeof noticeUrgencies)[number];

/** Why a notice lies here: its reader's quiet hours, or the next message that gathers routine clocks. */
export const noticeHolds = ["quiet", "digest"] as const;
export type NoticeHold = (typeof noticeHolds)[number];
