/** What apps of people need to know of whose records may be read and where they lie. */
import type { Services } from "../http/context.ts";
import { findPatients } from "../patients/service.ts";
import type { RecordPeople } from "../smart/service.ts";
import { listPeople } from "./own-record-service.ts";
import { keepersOf } from "./own-rules.ts";

export function recordPeople(services: Services): RecordPeople {
  return {
    readable: async (work) => {
      const { people } = await listPeople(work);
      const readable = people.filter(({ mayRead }) => mayRead);
      const records = await findPatients(
        work.tx,
        readable.map(({ id }) => id),
      );
      return readable.map(({ id, name, nameBo }) => ({
        id,
        name,
        nameBo,
        homeId: records.find(({ row }) => row.id === id)?.row.managingInstitutionId ?? null,
      }));
    },
    keepers: async (patientId) =>
      (await keepersOf(services, patientId)).map(({ institutionId, code, localIds }) => ({
        institutionId,
        code,
        localIds: [...localIds].sort(),
      })),
  };
}
