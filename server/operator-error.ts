/**
 * Something only the person who runs the programme can put right. Its message is complete
 * sentences that say what to do; it is shown as it is, without a stack trace.
 */
export class OperatorError extends Error {
  override name = "OperatorError";
}
