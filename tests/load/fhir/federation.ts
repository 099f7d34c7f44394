/**
 * A federated record of three institutions, one of them dead, as a doctor's page asks it: over HTTP from
 * the server as a process of its own, which asks two record stores over HTTP and a partner that accepts
 * connections and never answers. The first questions meet the dead one at its worst; later ones find that
 * it is left in peace.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import postgres from "postgres";
import { type BenchContext, type BenchResult, result } from "../suite.ts";
import { signInTo, startDemoServer } from "./demo-server.ts";

const PORT = 19_460;
const ROUNDS = 20;
const FIRST_LIMIT = "<= 500";
const WHOLE_LIMIT = "<= 3000";

export async function federationFigures({ root, log }: BenchContext): Promise<BenchResult[]> {
  const demo = await startDemoServer(root, PORT);
  const { server, cluster } = demo;
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  try {
    const dead = (silent.address() as { port: number }).port;
    const patientId = await killOne(cluster.urls.owner, dead);
    const { cookie } = await signInTo(server.url, "danzeng");
    const times: { first: number; whole: number }[] = [];
    for (let n = 0; n < ROUNDS; n += 1)
      times.push(await ask(`${server.url}/api/patients/${patientId}/record`, cookie));
    log(`Federated record: ${times.map((one) => Math.round(one.whole)).join(", ")} ms.`);
    const worst = (which: "first" | "whole") =>
      Math.round(Math.max(...times.map((one) => one[which])));
    const middle = times.map((one) => one.whole).sort((a, b) => a - b)[ROUNDS / 2]!;
    return [
      result(
        "federated record of 3, one dead: first items, worst of 20",
        worst("first"),
        "ms",
        FIRST_LIMIT,
      ),
      result(
        "federated record of 3, one dead: complete or explained, worst of 20",
        worst("whole"),
        "ms",
        WHOLE_LIMIT,
      ),
      result(
        "federated record of 3, one dead: complete or explained, median",
        Math.round(middle),
        "ms",
      ),
    ];
  } finally {
    silent.close();
    await demo.stop();
  }
}

/** The county's hospital has a server of its own, which has died in the way that costs most. */
async function killOne(ownerUrl: string, port: number): Promise<string> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const [county] =
    await owner`update record_store set kind = 'remote', location = ${`http://127.0.0.1:${port}/fhir`}
    where institution_id = (select id from institution where slug = 'sakya-hospital') returning institution_id`;
  await owner`insert into record_partner (institution_id, private_network) values (${county!.institution_id}, true)`;
  const [dawa] = await owner`select id from patient where full_name = '达娃'`;
  await owner.end();
  return dawa!.id as string;
}

/** @returns ms until the first clinical items, and until everything was told or explained */
async function ask(url: string, cookie: string): Promise<{ first: number; whole: number }> {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { cookie } });
  if (!answer.ok || !answer.body) throw new Error(`the record answers ${answer.status}`);
  let text = "";
  let first: number | null = null;
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (first === null && text.includes('"AllergyIntolerance"'))
      first = performance.now() - startedAt;
  }
  const sources = text.match(/"type":"source"/g)?.length ?? 0;
  if (first === null || sources !== 3 || !text.includes('"type":"end"'))
    throw new Error(`a record was not told: ${text.slice(0, 500)}`);
  return { first, whole: performance.now() - startedAt };
}
