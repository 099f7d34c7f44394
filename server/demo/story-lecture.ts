/** Scene 8: the lecture for both ends of Sakya, with a scripted speaker; made by the services that people use. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import type { MediaService } from "../media/service.ts";
import {
  actOnPlan,
  addPoll,
  createTimelineWriter,
  draftSession,
  enterSession,
  type LiveListener,
  promote,
  type SlideStore,
  sendBack,
  stepPoll,
  takeLiveStep,
} from "../teaching/service.ts";
import { bringSlides } from "./lecture-slides.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";
import { findDemoIds } from "./story.ts";
import { addStoryCase } from "./story-case.ts";

const title = "过敏性紫癜的诊断及治疗";
const speakerLogin = "zhouminhua";
const lengthMinutes = 60;
/** What is planned lies ahead, if only by a moment. */
const startsInMs = 60_000;

/** What the scripted speaker does, asked for by its page. */
export const scriptBody = z.discriminatedUnion("act", [
  z.object({ act: z.literal("slide"), page: z.number().int().min(1).max(300) }).strict(),
  z.object({ act: z.literal("case") }).strict(),
  z.object({ act: z.literal("quiz") }).strict(),
  z.object({ act: z.literal("answer") }).strict(),
  z.object({ act: z.literal("promote"), hand: z.number().int().positive() }).strict(),
  z.object({ act: z.literal("back"), personId: z.uuid() }).strict(),
  z.object({ act: z.literal("end") }).strict(),
]);
export type StoryScript = z.infer<typeof scriptBody>;

export const storyPartners = { presenter: speakerLogin, thin: "danzeng" } as const;
export type StoryPartner = keyof typeof storyPartners;

export function createStoryLecture(options: {
  services: Services;
  media: MediaService;
  slides: SlideStore;
  listeners: readonly LiveListener[];
}) {
  const { services, media, slides, listeners } = options;
  const timeline = createTimelineWriter(services);
  const idsOf = () => services.db.withActor(systemActor("demo"), (tx) => findDemoIds(tx));
  const origin = { correlationId: "demo", address: null };

  /** The broadcast of the story that runs or is ready, by the newest; null: none. */
  const find = async (actor: StaffActor) =>
    services.db.withActor(systemActor("demo"), async (tx) => {
      const [row] = await tx.execute<{ id: string; state: string; deck: string | null }>(
        sql`select s.id, s.state, (select d.id from teaching_deck d where d.session_id = s.id and d.state = 'ready' and d.removed_at is null
              order by d.ready_at desc limit 1) as deck
            from teaching_session s where s.owner_id = ${actor.personId} and s.title = ${title} and s.topic = ${storyTopic}
              and s.state in ('planned', 'live') order by s.created_at desc limit 1`,
      );
      return row ?? null;
    });

  async function make(ids: DemoIds, actor: StaffActor): Promise<void> {
    const house = (slug: string) => {
      const institutionId = ids.institutions.get(slug);
      if (!institutionId) throw new DomainError("auth.no-demo");
      return institutionId;
    };
    const made = await asDemo(services, actor, (work) =>
      draftSession(work, {
        title,
        titleBo: null,
        titleEn: "Allergic purpura: diagnosis and treatment",
        topic: storyTopic,
        departmentId: null,
        seriesId: null,
        languages: ["zh-CN"],
        startsAt: new Date(services.clock().getTime() + startsInMs).toISOString(),
        lengthMinutes,
        points: 1,
        minimumPresencePercent: 80,
        minimumQuizPercent: 0,
        record: true,
        recordingWords: null,
        speakers: [
          {
            personId: actor.personId,
            institutionId: actor.institutionId,
            role: "presenter",
          },
        ],
        audience: ["sakya-chc", "mabujia"].map((slug) => ({
          kind: "institution" as const,
          institutionId: house(slug),
        })),
      }),
    );
    await addStoryCase(services, ids, actor, made.id);
    await asDemo(services, actor, (work) =>
      actOnPlan(work, made.id, { action: "plan", version: made.version }),
    );
    await bringSlides(services, slides, actor, { sessionId: made.id, title });
  }

  return {
    /**
     * Brings the lecture to the point where it is live. Its slides are drawn by a job: until then it is not ready,
     * and the page asks again. @throws DomainError `auth.no-demo`
     */
    async open(): Promise<{ sessionId: string; ready: boolean }> {
      const ids = await idsOf();
      const actor = demoActor(ids, speakerLogin);
      if (!(await find(actor))) await make(ids, actor);
      const found = (await find(actor))!;
      if (!found.deck) return { sessionId: found.id, ready: false };
      if (found.state === "planned") {
        await asDemo(services, actor, (work) =>
          takeLiveStep(listeners, work, found.id, { step: "go-live" }),
        );
        await timeline.write({ actor, origin }, found.id, {
          clientId: randomUUID(),
          kind: "slide",
          data: { deckId: found.deck, page: 1 },
        });
      }
      return { sessionId: found.id, ready: true };
    },

    /** A scripted partner enters like everybody, as a person of the demo. */
    async enter(sessionId: string, partner: StoryPartner) {
      const actor = await actorOf(sessionId, partner);
      return asDemo(services, actor, (work) =>
        enterSession(
          media,
          // Partners are speakers and the first listeners: they are never sent to the stream.
          () => Promise.reject(new DomainError("media.no-node")),
          work,
          sessionId,
          {
            deviceId: deviceOf[partner],
            device: partner === "thin" ? "site" : "person",
            way: "full",
          },
        ),
      );
    },

    /** The speaker's part. */
    async act(sessionId: string, script: StoryScript): Promise<void> {
      const actor = await actorOf(sessionId, "presenter");
      const own = <Answer>(work: Parameters<typeof asDemo<Answer>>[2]) =>
        asDemo(services, actor, work);
      switch (script.act) {
        case "slide": {
          const found = await find(actor);
          if (found?.deck)
            await timeline.write({ actor, origin }, sessionId, {
              clientId: randomUUID(),
              kind: "slide",
              data: { deckId: found.deck, page: script.page },
            });
          return;
        }
        case "case": {
          const shown = await caseOf(sessionId);
          // Consent may have been taken back: then the slides go on.
          if (!shown) return this.act(sessionId, { act: "slide", page: 2 });
          await timeline.write({ actor, origin }, sessionId, {
            clientId: randomUUID(),
            kind: "case-item",
            data: shown,
          });
          return;
        }
        case "quiz": {
          const { id: pollId } = await own((work) =>
            addPoll(work, sessionId, {
              question: "腹型紫癜，缓解腹痛首选什么？",
              options: ["糖皮质激素", "抗生素", "止血药"],
              choice: "single",
              right: [0],
            }),
          );
          await own((work) => stepPoll(work, { sessionId, pollId }, { step: "open" }));
          return;
        }
        case "answer": {
          const pollId = await openPollOf(sessionId);
          if (!pollId) return;
          await own((work) => stepPoll(work, { sessionId, pollId }, { step: "close" }));
          await own((work) => stepPoll(work, { sessionId, pollId }, { step: "show" }));
          return;
        }
        case "promote":
          await own((work) => promote(work, sessionId, { hand: script.hand }));
          return;
        case "back":
          await own((work) => sendBack(work, sessionId, script.personId));
          return;
        case "end":
          await own((work) => takeLiveStep(listeners, work, sessionId, { step: "end" }));
      }
    },
  };

  /** Only the story's own broadcast is played by a script. */
  async function actorOf(sessionId: string, partner: StoryPartner): Promise<StaffActor> {
    const ids = await idsOf();
    const found = await find(demoActor(ids, speakerLogin));
    if (found?.id !== sessionId) throw new DomainError("request.not-found");
    return demoActor(ids, storyPartners[partner]);
  }

  /** The first part of the girl's case; null: there is none that may be shown. */
  async function caseOf(sessionId: string): Promise<{ caseId: string; itemId: string } | null> {
    return services.db.withActor(systemActor("demo"), async (tx) => {
      const [row] = await tx.execute<{ caseId: string; itemId: string }>(
        sql`select c.id as "caseId", i.id as "itemId" from teaching_case c join teaching_case_item i on i.case_id = c.id
            where c.session_id = ${sessionId} and c.state = 'ready' order by i.position limit 1`,
      );
      return row ?? null;
    });
  }

  async function openPollOf(sessionId: string): Promise<string | null> {
    return services.db.withActor(systemActor("demo"), async (tx) => {
      const [row] = await tx.execute<{ id: string }>(
        sql`select id from teaching_poll where session_id = ${sessionId} and opened_at is not null and closed_at is null`,
      );
      return row?.id ?? null;
    });
  }
}

const storyTopic = "给县乡两级医生：怎样认，什么时候转，在当地怎样治，怎样随访。";
const deviceOf: Record<StoryPartner, string> = {
  presenter: "00000000-0000-4000-8000-000000000801",
  thin: "00000000-0000-4000-8000-000000000802",
};
