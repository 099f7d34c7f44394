import { createHmac } from "node:crypto";
import type { NodeConfig } from "./config.ts";
import type { IceServer } from "./protocol.ts";

const CREDENTIAL_LIFETIME_SECONDS = 12 * 3600;

/**
 * Short-lived TURN credentials after coturn's REST scheme (use-auth-secret): the user name holds
 * the expiry, the password is its HMAC-SHA1.
 */
export function iceServersFor(
  turn: NodeConfig["turn"],
  peerId: string,
  nowMs: number,
): IceServer[] {
  if (!turn) return [];
  const username = `${Math.floor(nowMs / 1000) + CREDENTIAL_LIFETIME_SECONDS}:${peerId}`;
  const credential = createHmac("sha1", turn.secret).update(username).digest("base64");
  return [{ urls: [...turn.urls], username, credential }];
}
