import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, asApiError } from "./client.ts";
import { localStore } from "./local-store.ts";

export type DraftState =
  | { kind: "saved"; at: string | null }
  | { kind: "saving" }
  | { kind: "kept"; reason: "line" | "refused"; error: ApiError | null }
  | { kind: "conflict" };

type Kept<Content> = { content: Content; version: number; at: string };

const localDelayMilliseconds = 250;
const serverDelayMilliseconds = 1200;
const retryDelayMilliseconds = 5000;

/**
 * A draft that saves itself: at once on this device, a moment later on the server. Without a line it
 * stays here and goes out by itself; after a reload the newer of both is shown. When somebody else
 * saved in between nothing is overwritten: the state says `conflict` and the person chooses.
 *
 * @param key names the draft and its writer, so that people who share a computer never meet in one
 * @param save sends the whole content, answers the version that now stands
 */
export function useDraft<Content>({
  key,
  server,
  save,
}: {
  key: string;
  server: { content: Content; version: number; updatedAt: string | null };
  save: (content: Content, version: number) => Promise<{ version: number; updatedAt: string }>;
}) {
  const [content, setContent] = useState(server.content);
  const [state, setState] = useState<DraftState>({ kind: "saved", at: server.updatedAt });
  const [restored, setRestored] = useState(false);
  const latest = useRef({
    content: server.content,
    version: server.version,
    dirty: false,
    busy: false,
  });
  const timers = useRef<{
    local?: ReturnType<typeof setTimeout>;
    server?: ReturnType<typeof setTimeout>;
  }>({});
  const saveRef = useRef(save);
  saveRef.current = save;

  const push = useCallback(async (): Promise<boolean> => {
    const now = latest.current;
    clearTimeout(timers.current.server);
    if (now.busy || !now.dirty) return !now.dirty;
    now.busy = true;
    now.dirty = false;
    setState({ kind: "saving" });
    try {
      const answer = await saveRef.current(now.content, now.version);
      now.version = answer.version;
      now.busy = false;
      if (now.dirty) return push();
      await localStore.remove(key);
      setState({ kind: "saved", at: answer.updatedAt });
      return true;
    } catch (cause) {
      const error = asApiError(cause);
      now.busy = false;
      now.dirty = true;
      await localStore.write(key, {
        content: now.content,
        version: now.version,
        at: new Date().toISOString(),
      });
      if (error.code === "consult.changed-meanwhile" || error.status === 409)
        setState({ kind: "conflict" });
      else {
        setState({ kind: "kept", reason: error.isLine ? "line" : "refused", error });
        if (error.isLine || error.status >= 500) {
          timers.current.server = setTimeout(() => void push(), retryDelayMilliseconds);
        }
      }
      return false;
    }
  }, [key]);

  const change = useCallback(
    (next: Content) => {
      latest.current.content = next;
      latest.current.dirty = true;
      setContent(next);
      setState((was) =>
        was.kind === "conflict" || was.kind === "kept" ? was : { kind: "saving" },
      );
      clearTimeout(timers.current.local);
      timers.current.local = setTimeout(() => {
        const { content, version, dirty } = latest.current;
        if (dirty) void localStore.write(key, { content, version, at: new Date().toISOString() });
      }, localDelayMilliseconds);
      clearTimeout(timers.current.server);
      timers.current.server = setTimeout(() => void push(), serverDelayMilliseconds);
    },
    [key, push],
  );

  // What an earlier visit could not send comes back before anything else is typed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only once for each draft
  useEffect(() => {
    let gone = false;
    void localStore.read<Kept<Content>>(key).then((kept) => {
      if (gone || !kept || latest.current.dirty) return;
      setRestored(true);
      latest.current.content = kept.content;
      latest.current.dirty = true;
      setContent(kept.content);
      if (kept.version < latest.current.version) setState({ kind: "conflict" });
      else void push();
    });
    return () => {
      gone = true;
      clearTimeout(timers.current.local);
      if (latest.current.dirty) {
        const { content, version } = latest.current;
        void localStore.write(key, { content, version, at: new Date().toISOString() });
        void push();
      }
    };
  }, [key]);

  useEffect(() => {
    const online = () => void push();
    addEventListener("online", online);
    return () => removeEventListener("online", online);
  }, [push]);

  // A newer version that came from elsewhere is shown when nothing of one's own would be lost.
  useEffect(() => {
    const now = latest.current;
    if (server.version <= now.version || now.dirty || now.busy) return;
    now.version = server.version;
    now.content = server.content;
    setContent(server.content);
    setState({ kind: "saved", at: server.updatedAt });
  }, [server.version, server.content, server.updatedAt]);

  /** Ends a conflict: keep what is typed here (it becomes the newest), or take what the server holds. */
  const resolve = useCallback(
    async (
      choice: "mine" | "theirs",
      current: { content: Content; version: number; updatedAt: string | null },
    ) => {
      latest.current.version = current.version;
      if (choice === "mine") {
        latest.current.dirty = true;
        setState({ kind: "saving" });
        await push();
        return;
      }
      latest.current.dirty = false;
      latest.current.content = current.content;
      await localStore.remove(key);
      setContent(current.content);
      setState({ kind: "saved", at: current.updatedAt });
    },
    [key, push],
  );

  /** The version that stands on the server after everything typed so far has been sent. */
  const settle = useCallback(async () => {
    for (let round = 0; round < 40 && latest.current.busy; round += 1) {
      await new Promise((done) => setTimeout(done, 100));
    }
    return (await push()) ? latest.current.version : null;
  }, [push]);

  return { content, change, state, restored, resolve, settle };
}
