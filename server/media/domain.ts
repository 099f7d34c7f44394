/** Rules of the media nodes: where a room and a person's media go, and what is an alarm. Pure. */

/**
 * A node that was silent for longer (two beats and a bit) is not offered to anyone, and its rooms go
 * elsewhere. If it was only cut off from us, it is told to send the people after them.
 */
export const aliveSeconds = 12;
/** Above this part of what its workers should carry a node is called full. */
export const fullLoad = 0.85;
/** Longest that summaries of lines are kept. */
export const lineRetentionDays = 70;
export const lineBucketMinutes = 5;

export type NodeState = {
  id: string;
  region: string | null;
  linkUrl: string;
  load: number;
  draining: boolean;
  lastSeenAt: Date;
};

export function isAlive(node: Pick<NodeState, "lastSeenAt">, now: Date): boolean {
  return now.getTime() - node.lastSeenAt.getTime() <= aliveSeconds * 1000;
}

/** The best node for a room or a person: of the wanted region if there is one, the least loaded. */
export function bestNode<Node extends NodeState>(
  nodes: readonly Node[],
  region: string | null,
  now: Date,
): Node | undefined {
  const usable = nodes.filter((node) => isAlive(node, now) && !node.draining);
  const there = usable.filter((node) => region !== null && node.region === region);
  const choice = there.length > 0 ? there : usable;
  return choice.reduce<Node | undefined>(
    (best, node) => (best === undefined || node.load < best.load ? node : best),
    undefined,
  );
}

export type AlarmKind = "node-silent" | "worker-died" | "load-high" | "link-down";
export type Alarm = { kind: AlarmKind; nodeId: string; detail: string };

export type BoardNode = NodeState & {
  workers: number;
  figures: {
    workers: readonly unknown[];
    links: readonly { node: string; state: string }[];
    expectedWorkers: number;
  } | null;
};

/** What somebody should look at now. */
export function alarmsOf(nodes: readonly BoardNode[], now: Date): Alarm[] {
  return nodes.flatMap((node) => {
    const alarm = (kind: AlarmKind, detail: string): Alarm => ({ kind, nodeId: node.id, detail });
    if (!isAlive(node, now)) return [alarm("node-silent", node.lastSeenAt.toISOString())];
    const missing = (node.figures?.expectedWorkers ?? node.workers) - node.workers;
    return [
      ...(missing > 0 ? [alarm("worker-died", String(missing))] : []),
      ...(node.load > fullLoad ? [alarm("load-high", node.load.toFixed(2))] : []),
      ...(node.figures?.links ?? [])
        .filter(({ state }) => state === "down" || state === "broken")
        .map((link) => alarm("link-down", link.node)),
    ];
  });
}

/** The beginning of the interval that a moment belongs to. */
export function bucketOf(at: Date): Date {
  const length = lineBucketMinutes * 60_000;
  return new Date(Math.floor(at.getTime() / length) * length);
}
