/**
 * The phone's queue: every step is kept on the device before it counts, is sent as soon as there is a line, in
 * order and as often as it takes, and leaves only when the server has answered it.
 */
import { useSyncExternalStore } from "react";
import type { z } from "zod";
import type {
  SamplerStep,
  SamplerWork,
  StepAnswer,
  stepAnswers,
} from "../../server/sampling/contract.ts";
import type { SamplingProblem } from "../../server/sampling/domain.ts";
import { api, asApiError, uuid } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";
import {
  type Draft,
  type DraftBody,
  giveUp,
  type Kept,
  nothingKept,
  type Person,
  paperLetters,
  personOfDraft,
  refuse,
  registered,
  renew,
  sendable,
  settle,
  take,
} from "./engine.ts";

export type Line = "live" | "off" | "signed-out" | "failing";
export type StoreState = { kept: Kept; line: Line; ready: boolean; readAt: string | null };

const readEveryMs = 20_000;
/** The list of everybody is long; who is not on it is asked for by his code. */
const listEveryMs = 5 * 60_000;
const mostSteps = 100;

export type Store = ReturnType<typeof createStore>;

/** @param key where this person's work is kept on this device */
export function createStore(key: string) {
  let state: StoreState = { kept: nothingKept, line: "live", ready: false, readAt: null };
  const listeners = new Set<() => void>();
  const set = (change: Partial<StoreState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const keep = async (kept: Kept) => {
    set({ kept });
    await localStore.write(key, kept);
  };

  let listedAt = 0;
  let busy: Promise<void> | null = null;
  let again = false;
  /** Sends what waits, then reads the work; one at a time. */
  const sync = (): Promise<void> => {
    if (busy) {
      again = true;
      return busy;
    }
    busy = run().finally(() => {
      busy = null;
      if (again) {
        again = false;
        void sync();
      }
    });
    return busy;
  };
  const run = async () => {
    try {
      await sendDrafts();
      for (;;) {
        const steps = sendable(state.kept).slice(0, mostSteps);
        if (steps.length === 0) break;
        const conflicts = state.kept.conflicts.length;
        const answers = await send(steps);
        // Read after the answer: what was done meanwhile is in it.
        await keep(settle(state.kept, answers));
        // Somebody was taken elsewhere: the list has grown old.
        if (state.kept.conflicts.length > conflicts) listedAt = 0;
      }
      await askPapers();
      const done = new Set(state.kept.steps.filter((step) => step.done).map((step) => step.id));
      const listed = !state.kept.work || Date.now() - listedAt > listEveryMs;
      const ask = (people: "all" | "none") =>
        api.get<SamplerWork>(`/api/sampling/work?people=${people}`);
      let work = await ask(listed ? "all" : "none");
      // Another table at another site: its people, not those of the one before.
      const moved = !listed && work.site?.id !== state.kept.work?.site?.id;
      if (moved) work = await ask("all");
      if (listed || moved) listedAt = Date.now();
      await keep(renew(state.kept, work, done));
      set({ line: "live", readAt: work.now });
    } catch (error) {
      const problem = asApiError(error);
      set({
        line: problem.isLine ? "off" : problem.status === 401 ? "signed-out" : "failing",
      });
    }
  };
  /** People who were registered without a line; one that is refused stays with its reason, to be mended. */
  const sendDrafts = async () => {
    for (const draft of (state.kept.drafts ?? []).filter((one) => !one.refused)) {
      try {
        const { people } = await api.post<{ people: Person[] }>(
          "/api/sampling/walk-ins",
          draft.body,
          draft.key,
        );
        await keep(withPeople(registered(state.kept, draft.id, people), people));
      } catch (error) {
        const problem = asApiError(error);
        if (problem.isLine || problem.status === 401 || problem.status >= 500) throw error;
        await keep(withDraft({ ...draft, refused: problem.detail || problem.title }));
      }
    }
  };
  const withDraft = (draft: Draft): Kept => ({
    ...state.kept,
    drafts: [...(state.kept.drafts ?? []).filter((one) => one.id !== draft.id), draft],
  });
  /** Who the kept paper codes are; one that does not count stays with its reason until it was seen. */
  const askPapers = async () => {
    for (const paper of (state.kept.papers ?? []).filter((one) => !one.refused)) {
      const others = () => (state.kept.papers ?? []).filter((one) => one.id !== paper.id);
      try {
        const { people } = await api.post<{ people: Person[] }>(
          "/api/sampling/paper-codes",
          { code: paper.code },
          paper.id,
        );
        await keep({ ...withPeople(state.kept, people), papers: others() });
      } catch (error) {
        const problem = asApiError(error);
        if (problem.isLine || problem.status === 401 || problem.status >= 500) throw error;
        await keep({
          ...state.kept,
          papers: [...others(), { ...paper, refused: problem.detail || problem.title }],
        });
      }
    }
  };
  const send = async (
    steps: readonly (SamplerStep & { done: boolean })[],
  ): Promise<StepAnswer[]> => {
    const answer = await api.post<z.infer<typeof stepAnswers>>("/api/sampling/steps", {
      sentAt: new Date().toISOString(),
      steps: steps.map(({ done: _, ...step }) => step),
    });
    return answer.answers;
  };

  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: () => state,
    sync,
    /** Brings back what an earlier visit kept, then goes on by itself. @returns how to stop */
    start: (): (() => void) => {
      let gone = false;
      const online = () => void sync();
      const timer = setInterval(online, readEveryMs);
      void localStore.read<Kept>(key).then((kept) => {
        if (gone) return;
        if (kept && state.kept.steps.length === 0) set({ kept });
        set({ ready: true });
        void sync();
      });
      addEventListener("online", online);
      return () => {
        gone = true;
        clearInterval(timer);
        removeEventListener("online", online);
      };
    },
    /** @returns why it makes no sense, or null: then it is kept and on its way */
    take: async (step: Omit<SamplerStep, "id" | "at">): Promise<SamplingProblem | null> => {
      const whole = {
        ...step,
        registration: state.kept.aliases?.[step.registration ?? ""] ?? step.registration,
        id: uuid(),
        at: new Date().toISOString(),
      };
      const problem = refuse(state.kept, whole);
      if (problem) return problem;
      await keep(take(state.kept, whole));
      void sync();
      return null;
    },
    /** Somebody who came after the list was read. */
    addPeople: (people: readonly Person[]) => {
      const drafts = new Set((state.kept.drafts ?? []).map((one) => one.id));
      const known = people.filter((one) => !drafts.has(one.registrationId));
      if (known.length > 0) void keep(withPeople(state.kept, known));
    },
    /**
     * Register somebody: at once where there is a line, else on this phone, with a code to write down for him.
     * @throws ApiError when the server refuses
     */
    register: async (body: Omit<DraftBody, "kept">): Promise<Person[]> => {
      const code = paperLetters(crypto.getRandomValues(new Uint8Array(8)));
      const id = uuid();
      const draft: Draft = {
        id,
        key: id,
        body: { ...body, kept: { code, at: new Date().toISOString() } },
        refused: null,
      };
      if (state.line !== "off" && navigator.onLine)
        try {
          const { people } = await api.post<{ people: Person[] }>(
            "/api/sampling/walk-ins",
            draft.body,
            draft.key,
          );
          await keep(withPeople(state.kept, people));
          return people;
        } catch (error) {
          if (!asApiError(error).isLine) throw error;
        }
      // An answer that was lost on its way comes again under the same key and code.
      await keep(withDraft(draft));
      void sync();
      return [personOfDraft(draft)];
    },
    /** What was wrong with a draft is put right, and it is sent again. */
    mend: async (id: string, body: Omit<DraftBody, "kept">): Promise<void> => {
      const draft = (state.kept.drafts ?? []).find((one) => one.id === id);
      if (!draft) return;
      await keep(
        withDraft({ id, key: uuid(), body: { ...body, kept: draft.body.kept }, refused: null }),
      );
      void sync();
    },
    giveUp: (id: string) => void keep(giveUp(state.kept, id)),
    /** A paper code without a line: kept, and asked for when there is one. */
    keepPaper: (code: string) => {
      const papers = state.kept.papers ?? [];
      if (papers.some((one) => one.code === code)) return;
      void keep({
        ...state.kept,
        papers: [...papers, { id: uuid(), code, at: new Date().toISOString(), refused: null }],
      });
    },
    forgetPaper: (id: string) =>
      void keep({
        ...state.kept,
        papers: (state.kept.papers ?? []).filter((one) => one.id !== id),
      }),
    forgetConflict: (id: string) =>
      void keep({
        ...state.kept,
        conflicts: state.kept.conflicts.filter((one) => one.id !== id),
      }),
  };
}

/** With somebody who came after the list was read. */
function withPeople(kept: Kept, people: readonly Person[]): Kept {
  if (!kept.work) return kept;
  const known = new Set(people.map((one) => one.registrationId));
  const others = kept.work.people.filter((one) => !known.has(one.registrationId));
  return { ...kept, work: { ...kept.work, people: [...others, ...people] } };
}

export function useStore(store: Store): StoreState {
  return useSyncExternalStore(store.subscribe, store.read);
}
