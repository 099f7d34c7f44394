import { distanceMetres, findInstitutions } from "../directory/service.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { AllianceView } from "./contract.ts";
import { capacityOf } from "./counts-service.ts";

/** Beds of the own house and its allies, counts only; the own house first, then the nearest. @throws DomainError `permission.denied` */
export async function readAlliance({ tx, actor, now }: Work<StaffActor>): Promise<AllianceView> {
  assertPermission(actor, "capacity.view");
  const capacity = await capacityOf(tx, { institutionIds: null, now });
  const places = await findInstitutions(tx, [
    ...new Set([actor.institutionId, ...capacity.map((one) => one.institutionId)]),
  ]);
  const own = places.find((one) => one.id === actor.institutionId);
  const institutions = places.map((place) => ({
    id: place.id,
    name: { zh: place.name, en: place.nameEn, bo: place.nameBo },
    own: place.id === actor.institutionId,
    phone: place.phone,
    distanceMetres:
      own &&
      own.id !== place.id &&
      own.latitude !== null &&
      own.longitude !== null &&
      place.latitude !== null &&
      place.longitude !== null
        ? Math.round(
            distanceMetres(
              { latitude: own.latitude, longitude: own.longitude },
              { latitude: place.latitude, longitude: place.longitude },
            ),
          )
        : null,
    departments: capacity.filter((one) => one.institutionId === place.id),
  }));
  return {
    at: now.toISOString(),
    institutions: institutions
      .filter((one) => one.departments.length > 0)
      .sort(
        (left, right) =>
          Number(right.own) - Number(left.own) ||
          (left.distanceMetres ?? Number.POSITIVE_INFINITY) -
            (right.distanceMetres ?? Number.POSITIVE_INFINITY) ||
          left.name.zh.localeCompare(right.name.zh, "zh-CN"),
      ),
  };
}
