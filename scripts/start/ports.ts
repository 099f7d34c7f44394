/** Says which port is taken before anything is started that would fail over it. */
import { createSocket } from "node:dgram";
import type { Config } from "../../server/config.ts";
import { isFree } from "../../server/db/embedded/port.ts";
import { OperatorError } from "../../server/operator-error.ts";

/** @throws {OperatorError} naming each port that is taken and what to set */
export async function requirePorts(config: Config): Promise<void> {
  const { sfu } = config;
  const problems: string[] = [];
  if (!(await isFree(config.port, config.host))) problems.push(sentence(config.port, "PORT"));
  if (!(await isFree(sfu.port, "0.0.0.0"))) problems.push(sentence(sfu.port, "SFU_PORT"));
  for (let port = sfu.rtcPort; port < sfu.rtcPort + sfu.workers; port += 1) {
    if ((await isFree(port, "0.0.0.0")) && (await isFreeUdp(port))) continue;
    problems.push(sentence(port, "SFU_RTC_PORT"));
    break;
  }
  if (problems.length > 0) throw new OperatorError(problems.join("\n"));
}

function sentence(port: number, name: string): string {
  return `Port ${port} is in use: stop the programme that has it, or set ${name} to another, for example ${name}=${port + 100}.`;
}

function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createSocket("udp4");
    probe.once("error", () => resolve(false));
    probe.bind({ port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
