/** A failure whose message is complete sentences for the person at the terminal. */
export class SetupError extends Error {
  name = "SetupError";
}
