import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import fastify, { type FastifyBaseLogger } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { createRecordFiles } from "./attachments/record-files.ts";
import { attachmentRoutes } from "./attachments/routes.ts";
import type { AttachmentStore } from "./attachments/store.ts";
import { billingRoutes, paymentCallbackRoutes } from "./billing/routes.ts";
import type { PaymentProviders } from "./billing/service.ts";
import { clinicRoutes } from "./booking/clinic-routes.ts";
import { openingsRoutes } from "./booking/openings-routes.ts";
import { releaseRoutes } from "./booking/release-routes.ts";
import { bookingRoutes } from "./booking/routes.ts";
import { scheduleRoutes } from "./booking/schedule-routes.ts";
import type { ReleaseRooms } from "./booking/service.ts";
import { capacityRoutes } from "./capacity/routes.ts";
import { cardRoutes } from "./cards/routes.ts";
import { documentRoutes } from "./consult/document-routes.ts";
import { consultRoutes } from "./consult/routes.ts";
import { assertMayOpenAttachment, recordPresence } from "./consult/service.ts";
import { demoRoutes } from "./demo/routes.ts";
import { directoryRoutes } from "./directory/routes.ts";
import { feverRoutes } from "./fever/routes.ts";
import { createBulkFiles, exportRoutes, importRoutes } from "./fhir/bulk/service.ts";
import { storeRoutes } from "./fhir/service.ts";
import { formularyRoutes } from "./formulary/routes.ts";
import { helperRoutes } from "./helpers/routes.ts";
import { hotlineRoutes } from "./hotline/routes.ts";
import { smsRoutes } from "./hotline/sms-routes.ts";
import type { App, Services } from "./http/context.ts";
import { operationRoutes } from "./http/operations.ts";
import { pageRoutes } from "./http/pages.ts";
import { problemPlugin } from "./http/problem-plugin.ts";
import { RequestLog } from "./http/request-log.ts";
import { accountRoutes } from "./identity/account-routes.ts";
import { passkeyRoutes } from "./identity/passkey-routes.ts";
import { identityRoutes } from "./identity/routes.ts";
import { requireRecentAuth, sessionPlugin } from "./identity/session-plugin.ts";
import { labRoutes } from "./lab/routes.ts";
import { mediaBoardRoutes } from "./media/board-routes.ts";
import { mediaRoutes } from "./media/routes.ts";
import type { MediaService } from "./media/service.ts";
import { callRoutes } from "./notices/call-routes.ts";
import { noticeCentreRoutes } from "./notices/centre-routes.ts";
import { noticeRoutes } from "./notices/routes.ts";
import { joinRoutes } from "./patients/join-routes.ts";
import { patientRoutes } from "./patients/routes.ts";
import { sandboxRoutes } from "./payment-sandbox/routes.ts";
import type { Sandbox } from "./payment-sandbox/service.ts";
import { prescriptionRoutes } from "./prescription/routes.ts";
import { connectionRoutes } from "./records/connection-routes.ts";
import { fhirRoutes } from "./records/routes.ts";
import {
  callerOfToken,
  createFederation,
  type Federation,
  recordPeople,
  recordRoutes,
} from "./records/service.ts";
import { referralBoardRoutes } from "./referral/board-routes.ts";
import { closedDepartmentRoutes } from "./referral/closed-routes.ts";
import { pathwayPlanRoutes } from "./referral/plan-routes.ts";
import { referralRoutes } from "./referral/routes.ts";
import { hearOfAcknowledgement } from "./referral/service.ts";
import { wardRoutes } from "./referral/ward-routes.ts";
import { outsideHouseRoutes, referralTasks } from "./referral-outside/service.ts";
import { reportingRoutes } from "./reporting/routes.ts";
import { myTestRoutes } from "./sampling/my-routes.ts";
import { samplingRoutes } from "./sampling/routes.ts";
import { signingRoutes } from "./signing/routes.ts";
import { clientOf, corsPlugin, smartRoutes } from "./smart/service.ts";
import { surgeRoutes } from "./surge/routes.ts";
import { recordTeachingPresence } from "./teaching/live-presence.ts";
import { teachingLiveRoutes } from "./teaching/live-routes.ts";
import { recordingIntakeRoutes, recordingRoutes } from "./teaching/recording-routes.ts";
import { hearOfRecordings, recordingListener } from "./teaching/recording-service.ts";
import { createRecordingStore, type RecordingStore } from "./teaching/recording-store.ts";
import { teachingRoutes } from "./teaching/routes.ts";
import {
  caseRoutes,
  createSlideStore,
  creditRoutes,
  slideRoutes,
  stillRoutes,
} from "./teaching/service.ts";
import { terminologyRoutes } from "./terminology/routes.ts";
import { transferRoutes } from "./transfer/routes.ts";
import { triageRoutes } from "./triage/routes.ts";
import { visitRoutes } from "./visit/routes.ts";
import { assertMayOpenVisitFile, recordVisitPresence } from "./visit/service.ts";

export type AppOptions = {
  services: Services;
  media: MediaService;
  /** Addresses of media nodes that pages may connect to (for the content security policy). */
  mediaUrls: readonly string[];
  /** Folder of the built pages. */
  webRoot: string;
  attachments: AttachmentStore;
  /** Default: beside the attachments. */
  recordings?: RecordingStore;
  releaseRooms: ReleaseRooms;
  /** By whom people may pay; default: by nobody but the desk. */
  payments?: { providers: PaymentProviders; sandbox?: Sandbox };
  /** How partners are asked for records; default: within the usual limits. */
  federation?: Federation;
  logger?: FastifyBaseLogger;
  https?: { cert: Buffer; key: Buffer };
  /** What the SMS gateway proves itself with when it brings an answer; undefined: nobody may. */
  smsInboundToken?: string | undefined;
  /** Requests per minute and person; loopback tests run under one address. */
  requestsPerMinute?: number;
};

/** A thousand a second. */
const systemRequestsPerMinute = 60_000;

/** The composition root of the HTTP side: every dependency is named here and nowhere else. */
export async function buildApp(options: AppOptions): Promise<{ app: App; close: () => void }> {
  const { services } = options;
  let closing = false;
  const federation = options.federation ?? createFederation();
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    ...(options.https ? { https: options.https } : {}),
    genReqId: () => randomUUID(),
    logController: new RequestLog(),
    bodyLimit: 256 * 1024,
    trustProxy: "loopback",
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>() as unknown as App;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  await app.register(problemPlugin);
  await app.register(cookie);
  await app.register(helmet, {
    strictTransportSecurity: options.https !== undefined,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: "same-origin" },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "blob:", "data:"],
        // Browsers that play HLS by themselves fetch it as media.
        mediaSrc: ["'self'", "blob:", ...options.mediaUrls],
        connectSrc: [
          "'self'",
          ...options.mediaUrls.flatMap((url) => [url, url.replace(/^http/, "ws")]),
        ],
        workerSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
  });
  app.addHook("onSend", async (request, reply) => {
    // Where somebody is, is asked on one page alone: the crew's, by the crew.
    const place = request.routeOptions.url?.startsWith("/escort") ? "(self)" : "()";
    void reply.header(
      "permissions-policy",
      `camera=(self), microphone=(self), display-capture=(self), geolocation=${place}, payment=()`,
    );
  });
  await app.register(compress, { threshold: 1024 });
  await app.register(corsPlugin);
  await app.register(sessionPlugin, services);
  await app.register(rateLimit, {
    global: true,
    // A system asks for a whole hospital; its token is read once more, which is remembered.
    max: (request) =>
      clientOf(services, request) ? systemRequestsPerMinute : (options.requestsPerMinute ?? 1200),
    timeWindow: "1 minute",
    keyGenerator: (request) =>
      clientOf(services, request)?.client ?? request.session?.id ?? request.ip,
    errorResponseBuilder: (_request, context) =>
      Object.assign(new Error("rate limit"), {
        statusCode: 429,
        seconds: Math.ceil(context.ttl / 1000),
      }),
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Yilian",
        version: "1",
        description: "Remote consults of a medical alliance.",
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });

  const { media } = options;
  await app.register(operationRoutes, { services, isClosing: () => closing });
  await app.register(mediaRoutes, {
    services,
    media,
    onEvents: async (tx, events) => {
      await recordPresence(tx, services.clock(), events);
      await recordVisitPresence(tx, services.clock(), events);
      await recordTeachingPresence(tx, services.clock(), events);
      await hearOfRecordings(tx, services.clock(), events);
    },
  });
  const recordings =
    options.recordings ?? createRecordingStore(dirname(options.attachments.folder));
  const providers: PaymentProviders = options.payments?.providers ?? new Map();
  await app.register(paymentCallbackRoutes, { services, providers });
  if (options.payments?.sandbox) {
    const { sandbox } = options.payments;
    await app.register((scope) => sandboxRoutes(scope as App, sandbox), { prefix: "/sandbox-pay" });
  }
  await app.register(recordingIntakeRoutes, { services, media, store: recordings });
  const listeners = [recordingListener(services.vault)];
  await app.register(async (scope) => {
    const own = scope as App;
    own.addHook("onSend", async (_request, reply) => {
      if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
    });
    await own.register(identityRoutes, services);
    await own.register(passkeyRoutes, services);
    await own.register(accountRoutes, services);
    await own.register(directoryRoutes, services);
    await own.register(patientRoutes, services);
    await own.register(joinRoutes, services);
    await own.register(consultRoutes, { services, media });
    await own.register(referralRoutes, { services });
    await own.register(referralBoardRoutes, { services });
    await own.register(closedDepartmentRoutes, services);
    await own.register(wardRoutes, services);
    await own.register(pathwayPlanRoutes, { services });
    await own.register(documentRoutes, services);
    await own.register(scheduleRoutes, services);
    await own.register(bookingRoutes, {
      services,
      rooms: options.releaseRooms,
      confirmsPerMinute: (options.requestsPerMinute ?? 1200) * 5,
    });
    await own.register(releaseRoutes, {
      services,
      rooms: options.releaseRooms,
      perMinute: (options.requestsPerMinute ?? 1200) * 5,
    });
    await own.register(clinicRoutes, services);
    await own.register(reportingRoutes, services);
    await own.register(feverRoutes, services);
    await own.register(triageRoutes, services);
    await own.register(capacityRoutes, services);
    await own.register(formularyRoutes, services);
    await own.register(prescriptionRoutes, services);
    await own.register(billingRoutes, { services, providers });
    await own.register(teachingRoutes, { services, media });
    await own.register(teachingLiveRoutes, {
      services,
      media,
      hls: async (sessionId, nodeUrl, sub) => ({
        url: `${nodeUrl}/broadcast/${sessionId}/index.m3u8`,
        token: await media.signBroadcastToken(sessionId, sub),
      }),
      listeners,
    });
    await own.register(recordingRoutes, { services, store: recordings });
    const slides = createSlideStore(dirname(options.attachments.folder), services.vault);
    await own.register(slideRoutes, { services, store: slides });
    await own.register(stillRoutes, { services, store: slides });
    await own.register(creditRoutes, services);
    await own.register(caseRoutes, {
      services,
      federation,
      files: { store: slides, attachmentFolder: options.attachments.folder },
    });
    await own.register(transferRoutes, { services, federation });
    await own.register(mediaBoardRoutes, services);
    await own.register(cardRoutes, services);
    await own.register(samplingRoutes, services);
    await own.register(myTestRoutes, services);
    await own.register(labRoutes, services);
    await own.register(surgeRoutes, services);
    await own.register(noticeRoutes, services);
    await own.register(callRoutes, services);
    await own.register(noticeCentreRoutes, { services, listeners: [hearOfAcknowledgement] });
    await own.register(hotlineRoutes, { services, rooms: options.releaseRooms });
    await own.register(helperRoutes, services);
    await own.register(smsRoutes, { services, inboundToken: options.smsInboundToken });
    await own.register(attachmentRoutes, {
      services,
      store: options.attachments,
      // Files hang on a consult or on a video visit.
      assertMayOpenAttachment: async (work, id, purpose) => {
        if (!(await assertMayOpenVisitFile(work, id, purpose)))
          await assertMayOpenAttachment(work, id, purpose);
      },
    });
    await own.register(signingRoutes, { services, requireRecentAuth: requireRecentAuth(services) });
    await own.register(terminologyRoutes);
    await own.register(smartRoutes, { services, people: recordPeople(services) });
    if (services.demo) await own.register(demoRoutes, { services, media, slides, listeners });
    await own.register((fhir) => openingsRoutes(fhir as App, services), { prefix: "/fhir" });
    const recordFiles = createRecordFiles(services, options.attachments);
    await own.register(
      (fhir) =>
        fhirRoutes(fhir as App, services, {
          files: recordFiles,
          referrals: referralTasks(services),
        }),
      {
        prefix: "/fhir",
      },
    );
    await own.register(
      (records) =>
        storeRoutes(records as App, {
          services,
          of: "address",
          files: recordFiles,
          clientOf: async (request) => callerOfToken(services, request),
        }),
      { prefix: "/stores/:code/fhir" },
    );
    const files = createBulkFiles(dirname(options.attachments.folder));
    for (const [prefix, of] of [
      ["/fhir", "caller"],
      ["/stores/:code/fhir", "address"],
    ] as const)
      await own.register((bulk) => exportRoutes(bulk as App, { services, files, of }), { prefix });
    await own.register((bulk) => importRoutes(bulk as App, { services, files }));
    await own.register(outsideHouseRoutes, services);
    await own.register(connectionRoutes, services);
    await own.register(recordRoutes, { services, federation });
    await own.register(visitRoutes, { services, media, federation });
    own.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  });
  await app.register(pageRoutes, { root: options.webRoot, demo: services.demo });
  return {
    app,
    close: () => {
      closing = true;
    },
  };
}
