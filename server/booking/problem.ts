import { DomainError } from "../errors/domain-error.ts";
import type { ErrorCode } from "../errors/registry.ts";
import type { Problem } from "./repository.ts";

const codes: Record<Problem, ErrorCode> = {
  "not-allowed": "permission.denied",
  gone: "request.not-found",
  stopped: "booking.stopped",
  over: "booking.over",
  blocked: "booking.blocked",
  "too-many-patients": "booking.too-many-patients",
  "already-booked": "booking.already-booked",
  "not-released": "booking.not-released",
  full: "booking.full",
  lapsed: "booking.lapsed",
  "too-late": "booking.too-late",
  "too-early": "booking.too-early",
  place: "booking.place",
  step: "booking.step",
  "code-taken": "booking.changed-meanwhile",
  "waiting-room": "booking.waiting-room",
  "no-room": "booking.no-waiting-room",
  "fever.booking-replaced": "fever.booking-replaced",
};

/** What the database said in a word, as a refusal that a person understands. */
export function refusal(problem: Problem, until: Date | null = null): DomainError {
  return new DomainError(codes[problem], until ? { until: until.toISOString() } : {});
}

/** @throws DomainError for the problem, when there is one */
export function assertDone(answer: { problem: Problem | null }): void {
  if (answer.problem) throw refusal(answer.problem);
}

/** The code of the registry for what a function of the database answered: a word of its own, or already a code. */
export function codeOf(problem: string): ErrorCode {
  return problem in codes ? codes[problem as Problem] : (problem as ErrorCode);
}
