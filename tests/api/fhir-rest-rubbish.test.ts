import { afterAll, beforeAll, expect, it } from "vitest";
import { seeded } from "../../server/demo/record-resources.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let danzeng: Client;
/** Who may have subscriptions. */
let keeper: Client;
beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  keeper = await test.as("zhenglan");
});
afterAll(() => test.close());

const bases = ["/fhir", "/stores/sakya-chc/fhir", "/stores/xuhui-central/fhir", "/stores/'/fhir"];
const paths = [
  "",
  "/",
  "/Patient",
  "/Patient/1",
  "/Patient/%00",
  "/Patient/1/_history",
  "/Patient/1/_history/x",
  "/Patient/1/_history/99999999999999999999",
  "/_history",
  "/_search",
  "/Patient/_search",
  "/Patient/$validate",
  "/Patient/1/$everything",
  "/Patient/1/$nothing",
  "/Observation/1/$everything",
  "/%2e%2e%2f%2e%2e",
  "/Patient/..%2f..",
  "/$export",
  "/metadata",
  "/DiagnosticReport",
  "/DiagnosticReport/1",
  "/Questionnaire/1",
  "/patient/1",
  "/Patient/1/x/y/z",
  "/Patient/$match",
  "/Subscription",
  "/Subscription/1",
  "/Subscription/1/$status",
  "/Subscription/$status",
  "/Subscription/1/$events",
  "/SubscriptionTopic/x",
];
const queries = [
  "",
  "?_id=1",
  "?_count=-1",
  "?_count=9999999999999",
  "?_since=yesterday",
  "?_since=999999-01-01",
  "?_cursor=x",
  "?_cursor=%00",
  "?_summary=x",
  "?_elements=%00,a",
  "?identifier='%20or%201=1--",
  "?_format=xml",
  "?_sort=-",
  "?_include=*",
  "?_has:a:b:c=d",
  "?name=%ff",
  "?_id=%00",
  "?birthdate=gt",
  "?_type=Patient",
  "?_type=x",
  "?code=%7C%7C",
  "?=",
  "?&&&",
  "?_since=2020&_count=1",
];
const bodies: (string | undefined)[] = [
  undefined,
  "",
  "{}",
  "[]",
  "null",
  "1",
  '"x"',
  "{",
  '{"resourceType":"Patient"}',
  '{"resourceType":"Patient","id":"1"}',
  '{"resourceType":["Patient"],"id":{}}',
  '{"resourceType":"Bundle"}',
  '{"resourceType":"Bundle","type":"batch","entry":[null]}',
  '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Patient/1/2/3"}}]}',
  '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"%"}}]}',
  '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"?"}},{"request":{"method":"PATCH","url":"Patient/1"},"resource":{"resourceType":"Binary","data":"%%%"}}]}',
  '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[null]}]}',
  '[{"op":"add","path":"/a","value":1}]',
  '{"resourceType":"Patient","meta":1,"name":"x"}',
  '{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","name":[null],"identifier":[1],"telecom":"x"}}]}',
  '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"a.where(b = "},{"name":"value","part":[null]}]}]}',
  '{"resourceType":"Subscription","criteria":1,"_criteria":{"extension":[null]},"channel":[]}',
  '{"resourceType":"Subscription","id":"1","criteria":"https://yilian.example.org/fhir/SubscriptionTopic/resource-change","channel":{"type":"rest-hook","endpoint":"https://%00","header":[{}]}}',
  '{"resourceType":"Patient","meta":{"security":[null,1]}}',
  '{"resourceType":"Parameters","parameter":[{"name":"resource"}]}',
  '{"resourceType":"Patient","text":{"div":1}}',
  '{"resourceType":"Observation","subject":{"reference":"Patient?"}}',
  '{"resourceType":"Observation","subject":{"reference":"Patient?_id=1&x"}}',
];
const types = [
  "application/fhir+json",
  "application/json",
  "application/json-patch+json",
  "application/x-www-form-urlencoded",
  "text/plain",
  "application/fhir+json; charset=gbk",
];
const headers = [
  {},
  { "if-match": "x" },
  { "if-none-match": "*" },
  { "if-none-exist": "x" },
  { "if-none-exist": "" },
  { prefer: "return=nothing,handling=lenient" },
  { "x-purpose-of-use": "ETREAT" },
  { "x-purpose-of-use": "?" },
  { "if-modified-since": "x" },
  { accept: "text/html" },
  { accept: "image/png" },
];

it("rubbish at every address is refused as an OperationOutcome, never a failure of ours", async () => {
  const random = seeded(20261122);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  for (let n = 0; n < 700; n += 1) {
    const method = pick(["GET", "POST", "PUT", "PATCH", "DELETE"] as const);
    const url = pick(bases) + pick(paths) + pick(queries);
    const payload = method === "GET" ? undefined : pick(bodies);
    const type = pick(types);
    const who = url.includes("Subscription") ? keeper : danzeng;
    const answer = await test.app.inject({
      method,
      url,
      headers: {
        cookie: who.cookie,
        "x-csrf-token": who.csrfToken,
        ...(payload === undefined ? {} : { "content-type": type }),
        ...(pick(headers) as Record<string, string>),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const what = `${method} ${url} ${type} ${payload} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
    expect(answer.statusCode, what).toBeLessThan(500);
    if (answer.statusCode >= 400) expect(answer.json().resourceType, what).toBe("OperationOutcome");
  }
}, 60_000);
