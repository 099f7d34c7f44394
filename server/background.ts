import { dirname } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { startAlarms } from "./alarms/service.ts";
import type { AttachmentStore } from "./attachments/store.ts";
import { attachmentSchedule, attachmentTasks } from "./attachments/tasks.ts";
import { billingSchedule, billingTasks, type PaymentProviders } from "./billing/service.ts";
import {
  bookingSchedule,
  bookingTasks,
  createQueuePlaces,
  placesOf,
  publishSchedule,
  publishTasks,
  type ReleaseRooms,
} from "./booking/service.ts";
import { capacitySchedule, capacityTasks } from "./capacity/service.ts";
import { consultTasks } from "./consult/service.ts";
import { feverTasks } from "./fever/service.ts";
import { bulkSchedule, bulkTasks, createBulkFiles } from "./fhir/bulk/service.ts";
import { startDeliverer } from "./fhir/subscriptions/deliverer.ts";
import { hotlineSchedule, hotlineTasks } from "./hotline/service.ts";
import type { App, Services } from "./http/context.ts";
import { isOwnOrigin, sessionCookie } from "./identity/session-plugin.ts";
import { authenticate } from "./identity/session-service.ts";
import { labSchedule, labTasks } from "./lab/service.ts";
import { type MediaService, mediaTasks } from "./media/service.ts";
import type { SmsProvider } from "./notices/sms-provider.ts";
import { noticeSchedule, noticeTasks } from "./notices/tasks.ts";
import { startOutboxListener } from "./outbox/listener.ts";
import { type Sandbox, sandboxSchedule, sandboxTasks } from "./payment-sandbox/service.ts";
import { prescriptionAlarms } from "./prescription/service.ts";
import { maintenanceSchedule, maintenanceTasks } from "./queue/maintenance.ts";
import { startQueue } from "./queue/queue.ts";
import { createRealtimeGateway } from "./realtime/gateway.ts";
import { languageOfHandshake } from "./realtime/handshake.ts";
import { liveSessions } from "./realtime/live-sessions.ts";
import { textOf } from "./realtime/rooms.ts";
import { maySeeConsult } from "./realtime/watch-rights.ts";
import {
  projectionSchedule,
  projectionTasks,
  recordSchedule,
  recordTasks,
  startProjector,
} from "./records/service.ts";
import { hearOfHoldEnd, referralAlarms } from "./referral/service.ts";
import { outsideAlarms, outsideTasks } from "./referral-outside/service.ts";
import { reportingTasks } from "./reporting/service.ts";
import { samplingSchedule, samplingTasks } from "./sampling/tasks.ts";
import { surgeSchedule, surgeTasks } from "./surge/service.ts";
import { teachingLiveTasks } from "./teaching/live-tasks.ts";
import { createRecordingStore, type RecordingStore } from "./teaching/recording-store.ts";
import { recordingSchedule, recordingTasks } from "./teaching/recording-tasks.ts";
import {
  createSlideStore,
  creditSchedule,
  creditTasks,
  slideSchedule,
  slideTasks,
  teachingPlanTasks,
} from "./teaching/service.ts";
import { createTimelineRelay } from "./teaching/timeline-relay.ts";
import { watchRights } from "./teaching/timeline-service.ts";
import { transferSchedule, transferTasks } from "./transfer/service.ts";
import { triageAlarms, triageSchedule, triageTasks } from "./triage/service.ts";
import { visitAlarms } from "./visit/service.ts";

/** What runs beside the routes: the application socket, the outbox that feeds it, and the jobs. */
export async function startBackground(options: {
  app: App;
  services: Services;
  releaseRooms: ReleaseRooms;
  jobsUrl: string;
  attachments: AttachmentStore;
  /** Default: beside the attachments. */
  recordings?: RecordingStore;
  smsProvider: SmsProvider;
  media: MediaService;
  /** By whom people may pay, and what tells of it where it is the sandbox. */
  payments?: { providers: PaymentProviders; sandbox?: Sandbox };
  log: FastifyBaseLogger;
}): Promise<{ close: () => Promise<void> }> {
  const { app, services, log } = options;
  const { db, clock } = services;
  const timeline = createTimelineRelay({
    db,
    onError: (error) => log.warn({ err: error }, "a broadcast's timeline could not be told"),
  });
  const gateway = createRealtimeGateway({
    httpServer: app.server,
    authenticate: async (request) => {
      const cookies = app.parseCookie(request.headers.cookie ?? "");
      const found = await authenticate(
        services,
        cookies[sessionCookie],
        languageOfHandshake(request),
      );
      return found?.actor ?? null;
    },
    allowedOrigin: (origin, host) => isOwnOrigin(origin, host, services.publicUrl),
    maySeeConsult: (actor, consultId) => maySeeConsult(db, actor, consultId),
    teaching: {
      rights: (actor, sessionId) => db.withActor(actor, (tx) => watchRights(tx, actor, sessionId)),
      open: timeline.open,
      point: timeline.point,
    },
    liveSessions: (ids) => liveSessions(db, ids, clock()),
    log,
  });
  await timeline.start({
    entries: gateway.teaching.tell,
    pointer: gateway.teaching.tellPointer,
    watched: gateway.teaching.watched,
  });
  const queuePlaces = createQueuePlaces({
    places: (scheduleId, day) => placesOf(db, scheduleId, day, clock()),
    tell: ({ patientId, place }) => gateway.tellPlace(patientId, place),
    onError: (error) => log.warn({ err: error }, "places in a queue could not be told"),
  });
  options.releaseRooms.listen({ room: gateway.tellRelease, place: gateway.tellReleasePlace });
  options.releaseRooms.start();
  const projector = startProjector(services, log);
  const outbox = await startOutboxListener({
    db,
    onEvent: (event) => {
      gateway.tell(event);
      projector.wake();
      if (event.topic === "teaching")
        gateway.teaching
          .recheck(event.entityId)
          .catch((error: unknown) => log.warn({ err: error }, "who watches could not be checked"));
      const day = event.topic === "queue" ? textOf(event.detail, "day") : null;
      if (day) queuePlaces.moved(event.entityId, day);
    },
    log,
  });
  const deliverer = startDeliverer(services, { log });
  const queue = await startQueue({
    jobsUrl: options.jobsUrl,
    db,
    clock,
    tasks: {
      ...maintenanceTasks,
      ...consultTasks,
      ...publishTasks,
      ...reportingTasks({ vault: services.vault }),
      ...feverTasks(),
      ...capacityTasks([hearOfHoldEnd]),
      ...teachingPlanTasks,
      ...teachingLiveTasks(options.media),
      ...recordingTasks({
        media: options.media,
        vault: services.vault,
        store: options.recordings ?? createRecordingStore(dirname(options.attachments.folder)),
      }),
      ...creditTasks(services),
      ...slideTasks(createSlideStore(dirname(options.attachments.folder), services.vault)),
      ...transferTasks,
      ...labTasks(services),
      ...outsideTasks(services),
      ...surgeTasks(services.vault),
      ...triageTasks(services.vault),
      ...recordTasks(services),
      ...projectionTasks(services),
      ...bulkTasks(services, createBulkFiles(dirname(options.attachments.folder))),
      ...mediaTasks(options.media),
      ...attachmentTasks(options.attachments),
      ...bookingTasks({ vault: services.vault }),
      ...samplingTasks,
      ...billingTasks(services, options.payments?.providers ?? new Map()),
      ...sandboxTasks(options.payments?.sandbox),
      ...hotlineTasks,
      ...noticeTasks({ vault: services.vault, provider: options.smsProvider }),
    },
    schedule: [
      ...maintenanceSchedule,
      ...bookingSchedule,
      ...samplingSchedule,
      ...billingSchedule,
      ...sandboxSchedule,
      ...capacitySchedule,
      ...transferSchedule,
      ...publishSchedule,
      ...attachmentSchedule,
      ...noticeSchedule,
      ...hotlineSchedule,
      ...labSchedule,
      ...surgeSchedule,
      ...triageSchedule,
      ...recordSchedule,
      ...projectionSchedule,
      ...bulkSchedule,
      ...slideSchedule,
      ...creditSchedule,
      ...recordingSchedule,
    ],
    log,
  });
  const alarms = startAlarms({
    db,
    clock,
    log,
    handlers: {
      ...referralAlarms({ vault: services.vault }),
      ...outsideAlarms,
      ...triageAlarms({ vault: services.vault }),
      ...prescriptionAlarms,
      ...visitAlarms,
    },
    apart: ["referral:respond"],
  });
  return {
    close: async () => {
      await gateway.close();
      await timeline.close();
      await options.releaseRooms.close();
      await outbox.close();
      await projector.close();
      await queuePlaces.settled();
      await deliverer.close();
      await alarms.close();
      await queue.close();
    },
  };
}
