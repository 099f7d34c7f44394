/** Process entry of a media node. */
import { ConfigError, parseConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { createMediaNode } from "./node.ts";

try {
  const config = parseConfig(process.env);
  const log = createLog();
  // One room's mishap must not end the others' consults.
  process.on("unhandledRejection", (error) => log.error({ error }, "unhandled rejection"));
  const node = await createMediaNode(config, log);
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    void node.close().finally(() => process.exit(0));
  };
  // mediasoup listens as well and would end its workers first.
  process.prependListener("SIGINT", stop);
  process.prependListener("SIGTERM", stop);
  // The one who started us may end without a word.
  process.on("disconnect", stop);
  process.send?.({ type: "ready", ...node.address });
} catch (error) {
  const isOurs = error instanceof ConfigError;
  const code = (error as NodeJS.ErrnoException).code;
  if (isOurs) console.error(error.message);
  else if (code === "EADDRINUSE") console.error("SFU_PORT is taken: write another port number.");
  else console.error("The media node cannot start:", error);
  process.exit(1);
}
