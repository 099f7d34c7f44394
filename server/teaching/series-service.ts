import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { changeSeriesBody, seriesBody, seriesList, seriesView } from "./contract.ts";
import type { SeriesRow } from "./repository.ts";
import * as repository from "./repository.ts";

type Staff = Work<StaffActor>;

/** Courses that the reader plans or listens to. */
export async function listSeries({ tx, actor }: Staff): Promise<z.input<typeof seriesList>> {
  if (!actor.permissions.has("teaching.plan") && !actor.permissions.has("teaching.manage"))
    assertPermission(actor, "teaching.attend");
  const rows = await repository.findSeriesList(tx);
  return { series: rows.map((row) => viewSeries(actor, row)) };
}

/** @throws DomainError `permission.denied` */
export async function addSeries(
  { tx, actor, origin }: Staff,
  body: z.infer<typeof seriesBody>,
): Promise<z.input<typeof seriesView>> {
  assertPermission(actor, "teaching.plan");
  const row = await repository.insertSeries(tx, {
    ...body,
    institutionId: actor.institutionId,
    ownerId: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "teaching.series",
    entityType: "teaching-series",
    entityId: row.id,
  });
  return viewSeries(actor, row);
}

/** @throws DomainError `request.not-found`, `permission.denied`, `teaching.changed-meanwhile` */
export async function changeSeries(
  { tx, actor, origin, now }: Staff,
  id: string,
  { version, closed, ...body }: z.infer<typeof changeSeriesBody>,
): Promise<z.input<typeof seriesView>> {
  if (!actor.permissions.has("teaching.manage")) assertPermission(actor, "teaching.plan");
  const [row] = await repository.findSeries(tx, [id]);
  if (!row) throw new DomainError("request.not-found");
  if (!changes(actor, row)) throw new DomainError("permission.denied");
  if (row.version !== version) throw new DomainError("teaching.changed-meanwhile");
  const changed = await repository.updateSeries(tx, row, {
    ...body,
    closedAt: closed ? (row.closedAt ?? now) : null,
  });
  if (!changed) throw new DomainError("teaching.changed-meanwhile");
  await trace(tx, actor, origin, {
    action: "teaching.change-series",
    entityType: "teaching-series",
    entityId: id,
  });
  return viewSeries(actor, changed);
}

/** Who gives the course, or manages teaching in its house. */
export const changes = (actor: StaffActor, row: SeriesRow) =>
  row.institutionId === actor.institutionId &&
  ((row.ownerId === actor.personId && actor.permissions.has("teaching.plan")) ||
    actor.permissions.has("teaching.manage"));

function viewSeries(actor: StaffActor, row: SeriesRow): z.input<typeof seriesView> {
  return {
    id: row.id,
    version: row.version,
    title: row.title,
    about: row.about,
    departmentId: row.departmentId,
    points: row.points,
    minimumSessionsPercent: row.minimumSessionsPercent,
    closed: row.closedAt !== null,
    changes: changes(actor, row),
  };
}
