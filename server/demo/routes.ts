import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import type { App, Services } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import * as contract from "../identity/contract.ts";
import { replaceSession, startStaffSession, systemActor } from "../identity/service.ts";
import type { MediaService, RoomClaims } from "../media/service.ts";
import { parsePhone } from "../patients/service.ts";
import type { LiveListener, SlideStore } from "../teaching/service.ts";
import { demoInstitutions } from "./institutions.ts";
import { demoPatients, demoPeople } from "./people.ts";
import { demoReferralPhones } from "./referral.ts";
import { assertStoryConsult, findDemoIds, openStoryRoom } from "./story.ts";
import { createStoryLecture, scriptBody } from "./story-lecture.ts";
import { openStoryQueue } from "./story-queue.ts";
import { pauseStorySource, readStorySource } from "./story-source.ts";

const partnerBody = z.object({
  partner: z.enum(["attending", "specialist", "second-specialist", "interpreter", "family"]),
});

/** Accounts and helpers of the demo. Registered only while demo data are loaded. */
export async function demoRoutes(
  app: App,
  options: {
    services: Services;
    media: MediaService;
    slides: SlideStore;
    listeners: readonly LiveListener[];
  },
): Promise<void> {
  const { services, media } = options;
  const lecture = createStoryLecture(options);

  app.get(
    "/api/demo/accounts",
    { schema: { response: { 200: contract.demoAccounts } } },
    async () => ({
      accounts: [
        ...demoPeople.map((one) => ({
          loginName: one.loginName,
          phone: null,
          name: one.name,
          role: one.posts[0]!.roles[0]!,
          institution: demoInstitutions.find(
            (institution) => institution.slug === one.posts[0]!.institution,
          )!.names[0]![1],
          scene: one.scene ?? null,
          story: one.story,
        })),
        ...demoPatients
          .filter((one) => one.story)
          .map((one) => ({
            loginName: null,
            phone: one.contacts[0]!.phone,
            name: one.contacts[0]!.name,
            role: "patient",
            institution: null,
            scene: one.scene ?? null,
            story: one.story!,
          })),
      ],
    }),
  );

  app.post(
    "/api/session/demo",
    {
      config: { startsSession: true },
      schema: { body: contract.demoSignInBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const { loginName, phone } = request.body;
      if (loginName) {
        const ids = await services.db.withActor(systemActor("demo"), (tx) => findDemoIds(tx));
        const personId = ids.people.get(loginName);
        if (!personId) throw new DomainError("auth.no-demo");
        await startStaffSession(services, request, reply, personId);
        return { next: "done" as const };
      }
      const known = [
        ...demoPatients.flatMap((one) => one.contacts.map((contact) => contact.phone)),
        ...demoReferralPhones,
      ];
      const number = phone && known.includes(phone) ? parsePhone(phone) : null;
      if (!number?.ok) throw new DomainError("auth.no-demo");
      await replaceSession(services, request, reply, {
        kind: "patient",
        phoneIndex: services.vault.blindIndex("phone", number.value.national),
        userAgent: request.headers["user-agent"] ?? null,
      });
      return { next: "done" as const };
    },
  );

  /** The consult of the story, brought to the point where its room is open. */
  app.post(
    "/api/demo/story/room",
    {
      config: { startsSession: true },
      schema: { response: { 200: z.object({ consultId: uuid }) } },
    },
    async () => openStoryRoom(services),
  );

  /** The queue of the story: the grandmother waits at the fever clinic, three are ahead. */
  app.post(
    "/api/demo/story/queue",
    {
      config: { startsSession: true },
      schema: { response: { 200: z.object({ appointmentId: uuid }) } },
    },
    async () => openStoryQueue(services),
  );

  /** The record source that scene 3 stops. */
  const sourceState = z.object({ paused: z.boolean() });
  app.get("/api/demo/story/source", { schema: { response: { 200: sourceState } } }, async () =>
    readStorySource(services),
  );
  app.post(
    "/api/demo/story/source",
    {
      config: { startsSession: true },
      schema: { body: sourceState, response: { 200: sourceState } },
    },
    async (request) => pauseStorySource(services, request.body.paused),
  );

  /** The lecture of scene 8: live, with slides, as soon as they are drawn. */
  app.post(
    "/api/demo/story/lecture",
    {
      config: { startsSession: true },
      schema: { response: { 200: z.object({ sessionId: uuid, ready: z.boolean() }) } },
    },
    async () => lecture.open(),
  );
  const byLecture = z.object({ id: uuid });
  app.post(
    "/api/demo/lectures/:id/partner-token",
    {
      config: { startsSession: true },
      schema: {
        params: byLecture,
        body: z.object({ partner: z.enum(["presenter", "thin"]) }),
        response: { 200: z.object({ token: z.string(), nodeUrl: z.string() }) },
      },
    },
    async (request) => {
      const entered = await lecture.enter(request.params.id, request.body.partner);
      if (entered.kind !== "room") throw new DomainError("media.no-node");
      return { token: entered.token, nodeUrl: entered.nodeUrl };
    },
  );
  app.post(
    "/api/demo/lectures/:id/script",
    {
      config: { startsSession: true },
      schema: { params: byLecture, body: scriptBody, response: { 200: empty } },
    },
    async (request) => {
      await lecture.act(request.params.id, request.body);
      return { ok: true } as const;
    },
  );

  /** A token for a scripted partner in the story's room: a real WebRTC client, not a person. */
  app.post(
    "/api/demo/consults/:id/partner-token",
    {
      config: { startsSession: true },
      schema: {
        params: z.object({ id: uuid }),
        body: partnerBody,
        response: {
          200: z.object({
            token: z.string(),
            nodeUrl: z.string(),
            room: z.string(),
            displayName: z.string(),
            role: z.string(),
          }),
        },
      },
    },
    async (request) => {
      const claims: RoomClaims = {
        ...partners[request.body.partner],
        room: request.params.id,
        lang: "zh-CN",
      };
      const node = await services.db.withActor(systemActor("demo"), async (tx) => {
        await assertStoryConsult(tx, request.params.id);
        return media.nodeOf(tx, request.params.id);
      });
      return {
        token: await media.signRoomToken(claims),
        nodeUrl: node.publicUrl,
        room: request.params.id,
        displayName: claims.name,
        role: claims.role,
      };
    },
  );
}

const doctor = {
  pub: ["audio", "video", "screen"] as RoomClaims["pub"],
  moderator: true,
  lobby: false,
  private: true,
};
const partners: Record<
  z.infer<typeof partnerBody>["partner"],
  Omit<RoomClaims, "room" | "lang">
> = {
  attending: {
    ...doctor,
    sub: "partner:attending",
    name: "旦增（演示）",
    role: "attending",
    org: "萨迦县卫生服务中心",
  },
  specialist: {
    ...doctor,
    sub: "partner:specialist",
    name: "周敏华（演示）",
    role: "specialist",
    org: "徐汇区中心医院",
  },
  "second-specialist": {
    ...doctor,
    sub: "partner:second",
    name: "吴启航（演示）",
    role: "specialist",
    org: "徐汇区中心医院",
  },
  interpreter: {
    sub: "partner:interpreter",
    name: "拉珍（演示）",
    role: "interpreter",
    org: "徐汇区中心医院",
    pub: ["audio", "video", "interpretation"],
    moderator: false,
    lobby: false,
    private: false,
  },
  family: {
    sub: "partner:family",
    name: "姑姑（演示）",
    role: "family",
    org: "上海",
    pub: ["audio", "video"],
    moderator: false,
    lobby: true,
    private: false,
  },
};
