import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiError, uuid } from "./client.ts";

/**
 * A write that may be repeated: the same content keeps its idempotency key until it is answered, so
 * that a lost answer and a second press never do it twice.
 */
export function useWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  {
    onDone,
    inTurn,
  }: {
    onDone?: (answer: Answer, variables: Variables) => unknown;
    /** Writes of this name are done one after the other. */
    inTurn?: string;
  } = {},
) {
  const attempt = useRef<{ content: string; key: string } | null>(null);
  return useMutation<Answer, Error, Variables>({
    ...(inTurn === undefined ? {} : { scope: { id: inTurn } }),
    mutationFn: async (variables) => {
      const content = JSON.stringify(variables) ?? "";
      if (attempt.current?.content !== content) attempt.current = { content, key: uuid() };
      const answer = await write(variables, attempt.current.key);
      attempt.current = null;
      return answer;
    },
    onSuccess: (answer, variables) => onDone?.(answer, variables),
    retry: (failures, error) =>
      failures < 2 && error instanceof ApiError && error.isLine && navigator.onLine,
    retryDelay: (failures) => 800 * 2 ** failures,
  });
}
