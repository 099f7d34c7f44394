import { useLocation } from "wouter";
import { api } from "../api/client.ts";
import { readSession } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { RecordSource } from "./record-source.tsx";

type Step = {
  id: string;
  /** Staff sign in by name, a patient's phone by its number; null for a page that is everybody's. */
  account: { loginName: string } | { phone: string } | null;
  /** A page's address, or a place that is made ready first. */
  to: `/${string}` | "room-specialist" | "room-attending" | "queue" | "lecture";
};

const scenes: readonly { number: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8; steps: readonly Step[] }[] = [
  {
    number: 1,
    steps: [
      { id: "triage", account: { loginName: "cirenzhuoma" }, to: "/workbench/triage" },
      { id: "referUp", account: { loginName: "cirenzhuoma" }, to: "/workbench/referrals/new" },
    ],
  },
  {
    number: 2,
    steps: [
      { id: "attending", account: { loginName: "danzeng" }, to: "/workbench/mine" },
      { id: "desk", account: { loginName: "lijia" }, to: "/workbench/desk" },
    ],
  },
  {
    number: 3,
    steps: [
      { id: "specialist", account: { loginName: "zhouminhua" }, to: "room-specialist" },
      { id: "attendingRoom", account: { loginName: "danzeng" }, to: "room-attending" },
      { id: "sign", account: { loginName: "zhouminhua" }, to: "/workbench/mine" },
    ],
  },
  {
    number: 4,
    steps: [
      { id: "acknowledge", account: { loginName: "danzeng" }, to: "/workbench/mine" },
      { id: "family", account: { phone: "13800138001" }, to: "/" },
    ],
  },
  {
    number: 5,
    steps: [
      { id: "hotline", account: { loginName: "panyue" }, to: "/workbench/hotline" },
      { id: "messages", account: null, to: "/messages" },
      { id: "ahead", account: { phone: "13800138005" }, to: "queue" },
      { id: "callNext", account: { loginName: "fangyun" }, to: "/workbench/clinic" },
    ],
  },
  {
    number: 6,
    steps: [
      { id: "feverDesk", account: { loginName: "fangyun" }, to: "/workbench/fever" },
      { id: "sampler", account: { loginName: "taoxiaohui" }, to: "/sampling" },
      { id: "paper", account: { loginName: "wangjianguo" }, to: "/workbench/paper" },
      { id: "verify", account: null, to: "/verify" },
      { id: "replay", account: null, to: "/story/replay" },
    ],
  },
  {
    number: 7,
    steps: [
      { id: "beds", account: { loginName: "hemin" }, to: "/workbench/beds" },
      { id: "sendDown", account: { loginName: "gumingyuan" }, to: "/workbench/referrals" },
      { id: "followUp", account: { loginName: "wangjianguo" }, to: "/workbench/follow-ups" },
      { id: "road", account: { phone: "13800138102" }, to: "/road" },
    ],
  },
  {
    number: 8,
    steps: [
      { id: "lecture", account: { loginName: "cirenzhuoma" }, to: "lecture" },
      { id: "loops", account: { loginName: "zhenglan" }, to: "/workbench/loops" },
    ],
  },
];

/** One card per scene, in the order in which they happen. */
export function Scenes() {
  const t = useText();
  const [, go] = useLocation();
  const open = useWrite(async (step: Step) => {
    if (step.account) {
      await readSession();
      await api.post("/api/session/demo", step.account);
      await readSession();
    }
    if (step.to === "queue") {
      const { appointmentId } = await api.post<{ appointmentId: string }>("/api/demo/story/queue");
      return location.assign(`/appointments/${appointmentId}`);
    }
    // Without a page load, so that the click still lets the partners speak.
    if (step.to === "lecture") return go("/lecture");
    if (step.to !== "room-specialist" && step.to !== "room-attending")
      return location.assign(step.to);
    const { consultId } = await api.post<{ consultId: string }>("/api/demo/story/room");
    return go(`/room?consult=${consultId}&as=${step.to.slice(5)}`);
  });
  return (
    <main className="story" id="main">
      <header className="row spread">
        <p className="story-brand">{t("common.brand")}</p>
        <LanguageSwitch />
      </header>
      <div>
        <h1>{t("story.title")}</h1>
        <p className="muted">{t("story.lead")}</p>
      </div>
      <ProblemNotice error={open.error} />
      {scenes.map((scene) => (
        <Card
          key={scene.number}
          title={t(`story.scene${scene.number}.title`)}
          aside={
            <Status tone="quiet" icon={null}>
              {t("story.scene", { number: scene.number })}
            </Status>
          }
        >
          <p className="muted">{t(`story.scene${scene.number}.what`)}</p>
          <ol className="story-steps">
            {scene.steps.map((step) => (
              <li key={step.id}>
                <div className="grow">
                  <p className="strong">{t(`story.step.${step.id}` as MessageId)}</p>
                  <p className="muted small">{t(`story.step.${step.id}Look` as MessageId)}</p>
                </div>
                <Button
                  look="soft"
                  busy={open.isPending && open.variables?.id === step.id}
                  onClick={() => open.mutate(step)}
                >
                  {t(`story.step.${step.id}Open` as MessageId)}
                </Button>
              </li>
            ))}
            {scene.number === 3 ? <RecordSource /> : null}
          </ol>
        </Card>
      ))}
      <p className="muted small">{t("story.oneAtATime")}</p>
    </main>
  );
}
