import type { z } from "zod";
import type { entryBody, liveStepBody } from "../../server/teaching/live-contract.ts";
import { api, uuid } from "../api/client.ts";
import { pointInTeaching } from "../api/live.ts";
import { deviceId } from "./device.ts";
import type { Acts } from "./lecture.ts";

const POINT_MS = 100;

type Written = z.input<typeof entryBody>;
type Kind = Written["kind"];

/** What may be done, as calls of the server. Everything may be sent twice: the second time changes nothing. */
export function createActs(
  sessionId: string,
  personId: string,
  onPollsChanged: () => void,
): Omit<Acts, "run" | "problem"> {
  const path = `/api/teaching/sessions/${sessionId}`;
  const write = <Name extends Kind>(
    kind: Name,
    data: Extract<Written, { kind: Name }>["data"],
  ): Promise<unknown> => api.post(`${path}/entries`, { clientId: uuid(), kind, data });
  const step = (name: z.input<typeof liveStepBody>["step"]) =>
    api.post(`${path}/live`, { step: name });
  const pollStep = async (pollId: string, name: "open" | "close" | "show") => {
    await api.post(`${path}/polls/${pollId}/steps`, { step: name });
    onPollsChanged();
  };
  const showSlide = latestOf(({ deckId, page }: { deckId: string; page: number }) =>
    write("slide", { deckId, page }),
  );
  let pointedAt = 0;

  return {
    showSlide: (deckId, page) => showSlide({ deckId, page }),
    showStill: (stillId) => write("still", { stillId }),
    showCase: (caseId, itemId) => write("case-item", { caseId, itemId }),
    stroke: (surface, stroke) => write("stroke", { surface, stroke }),
    erase: (surface, strokeIds) => write("erase", { surface, strokeIds }),
    clear: (surface) => write("clear", { surface }),
    point(surface, at) {
      const now = performance.now();
      if (at && now - pointedAt < POINT_MS) return;
      pointedAt = now;
      pointInTeaching(surface, at);
    },
    say: (text, question) => write("chat", { text, question }),
    pin: (of) => write("pin", { of }),
    unpin: (of) => write("unpin", { of }),
    removeLine: (of) => write("chat-removed", { of }),
    raiseHand: (hand) => write("hand-raised", { deviceId: deviceId(personId), ...hand }),
    lowerHand: (of, reason) => write("hand-lowered", { of, reason }),
    caption: (language, text) => write("caption", { language, text }),
    cannotHear: () => write("notice", { code: "cannot-hear" }),
    promote: (hand) => api.post(`${path}/stage`, { hand }),
    demote: (personId) => api.post(`${path}/stage/back`, { personId }),
    handOver: (personId) => api.post(`${path}/handover`, { personId }),
    openPoll: (pollId) => pollStep(pollId, "open"),
    async askPoll({ quiz, right, ...poll }) {
      const { id } = await api.post<{ id: string }>(`${path}/polls`, {
        ...poll,
        right: quiz ? right : null,
      });
      await pollStep(id, "open");
    },
    closePoll: (pollId) => pollStep(pollId, "close"),
    async showResults(pollId, isOpen) {
      if (isOpen) await pollStep(pollId, "close");
      await pollStep(pollId, "show");
    },
    answer: (pollId, answer) =>
      api.post(`${path}/polls/${pollId}/answer`, {
        deviceId: deviceId(personId),
        ...("counts" in answer ? { hands: answer.counts } : { chosen: answer.options }),
      }),
    rehearse: () => step("rehearse"),
    goLive: () => step("go-live"),
    end: () => step("end"),
  };
}

/** One at a time, in order; of what is asked for meanwhile only the last is done. */
function latestOf<Item>(act: (item: Item) => Promise<unknown>): (item: Item) => Promise<unknown> {
  let running: Promise<unknown> | null = null;
  let next: Item | null = null;
  const run = async (item: Item): Promise<unknown> => {
    try {
      return await act(item);
    } finally {
      running = null;
      if (next !== null) {
        const after = next;
        next = null;
        running = run(after);
        running.catch(() => {});
      }
    }
  };
  return (item) => {
    if (running) {
      next = item;
      return running;
    }
    running = run(item);
    return running;
  };
}
