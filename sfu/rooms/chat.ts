import type { ChatChannel, ChatMessage } from "../protocol.ts";

const MOST_MESSAGES = 300;

/** The room's chat: bounded, in memory; the private channel is seen only by those in it. */
export class Chat {
  private readonly messages: ChatMessage[] = [];

  /** @returns false when the same message was added before (a repeated send) */
  add(message: ChatMessage): boolean {
    if (this.messages.some((other) => other.id === message.id)) return false;
    this.messages.push(message);
    if (this.messages.length > MOST_MESSAGES) this.messages.shift();
    return true;
  }

  /** What somebody who may see these channels finds on entering. */
  history(channels: readonly ChatChannel[]): ChatMessage[] {
    return this.messages.filter((message) => channels.includes(message.channel));
  }
}
