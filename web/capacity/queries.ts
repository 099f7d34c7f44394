import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  AbsenceList,
  AllianceView,
  BedAction,
  BedsView,
  policyList,
  Resolve,
  SwitchList,
  SwitchPreview,
  SwitchStep,
} from "../../server/capacity/contract.ts";
import type { BedUnitKind, DisplacedDestination } from "../../server/capacity/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Department = BedsView["departments"][number];
export type Unit = Department["units"][number];
export type Bed = Unit["bedList"][number];
export type Absences = AbsenceList;
export type Absence = AbsenceList["absences"][number];
export type Alliance = AllianceView;
export type Switches = SwitchList;
export type Switch = SwitchList["switches"][number];
export type Preview = SwitchPreview;
export type Policies = z.infer<typeof policyList>;

const root = "/api/capacity";
const everyMs = 30_000;
const useRead = <Answer>(what: string, refetchInterval: number | false = everyMs) =>
  useQuery({
    queryKey: ["capacity", what],
    queryFn: ({ signal }) => api.get<Answer>(`${root}/${what}`, signal),
    refetchInterval,
  });

export const useBeds = () => useRead<BedsView>("beds");
export const useAlliance = () => useRead<AllianceView>("alliance");
export const useAbsences = () => useRead<AbsenceList>("absences", false);
export const useSwitches = (most: number) => useRead<SwitchList>(`switches?take=${most}`);
export const usePolicies = () => useRead<Policies>("policies", false);
export const usePreview = (unitId: string) =>
  useQuery({
    queryKey: ["capacity", "preview", unitId],
    queryFn: ({ signal }) =>
      api.get<SwitchPreview>(`${root}/units/${unitId}/switch-preview`, signal),
    enabled: unitId !== "",
  });

/** Whatever is written: afterwards every page of beds is read again. */
function useCapacityWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: () => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: async () => {
      onDone?.();
      await client.invalidateQueries({ queryKey: ["capacity"] });
    },
  });
}

export const useAdmit = (bedId: string, onDone: () => void) =>
  useCapacityWrite(
    (
      body: {
        patientId: string;
        expectedDischargeOn: string | null;
        overQuotaReason: string | null;
      },
      key,
    ) => api.post(`${root}/beds/${bedId}/admissions`, body, key),
    onDone,
  );
export const useBedAction = (bedId: string, onDone?: () => void) =>
  useCapacityWrite(
    (body: BedAction, key) => api.post(`${root}/beds/${bedId}/actions`, body, key),
    onDone,
  );
export const useDischarge = (onDone: () => void) =>
  useCapacityWrite(
    (stayId: string, key) => api.post(`${root}/stays/${stayId}/discharge`, {}, key),
    onDone,
  );
export const useExpected = (stayId: string) =>
  useCapacityWrite((expectedDischargeOn: string | null, key) =>
    api.put(`${root}/stays/${stayId}/expected`, { expectedDischargeOn }, key),
  );
export const useHoldStep = (holdId: string) =>
  useCapacityWrite(
    (
      step:
        | { step: "extend"; until: string; reason: string }
        | { step: "release"; reason: string }
        | { step: "admission" },
      key,
    ) => {
      const { step: name, ...body } = step;
      return api.post(`${root}/holds/${holdId}/${name}`, body, key);
    },
  );
export const usePlanHold = (onDone: () => void) =>
  useCapacityWrite(
    (
      body: {
        departmentId: string;
        kind: BedUnitKind;
        patientId: string;
        referenceId: string;
      },
      key,
    ) => api.post(`${root}/holds`, body, key),
    onDone,
  );
export const useNewUnit = (onDone: () => void) =>
  useCapacityWrite(
    (
      body: {
        departmentId: string;
        nameZh: string;
        nameEn: string;
        nameBo: string | null;
        kind: BedUnitKind;
        beds: string[];
      },
      key,
    ) => api.post(`${root}/units`, body, key),
    onDone,
  );
export const useChangeUnit = () =>
  useCapacityWrite(({ id, ...body }: { id: string; active: boolean }, key) =>
    api.put(`${root}/units/${id}`, body, key),
  );
export const useConfirmCounts = () =>
  useCapacityWrite((unitId: string, key) =>
    api.post(`${root}/units/${unitId}/confirmed`, undefined, key),
  );

export const useAddAbsence = (onDone: () => void) =>
  useCapacityWrite(
    (
      body: {
        departmentId: string;
        personId: string;
        kind: Absence["kind"];
        fromDay: string;
        toDay: string;
        reason: string | null;
        coveredBy: string | null;
      },
      key,
    ) => api.post(`${root}/absences`, body, key),
    onDone,
  );
export const useCover = () =>
  useCapacityWrite(({ id, coveredBy }: { id: string; coveredBy: string | null }, key) =>
    api.put(`${root}/absences/${id}/cover`, { coveredBy }, key),
  );
export const useCancelAbsence = () =>
  useCapacityWrite((id: string, key) => api.post(`${root}/absences/${id}/cancel`, undefined, key));

export const useOrder = (onDone: () => void) =>
  useCapacityWrite(
    (
      body: {
        unitId: string;
        orderNumber: string;
        reason: string;
        plannedAt: string | null;
        transfers: {
          stayId: string;
          destination: DisplacedDestination;
          toUnitId: string | null;
          toName: string | null;
        }[];
      },
      key,
    ) => api.post(`${root}/switches`, body, key),
    onDone,
  );
export const useSwitchStep = (id: string) =>
  useCapacityWrite((body: SwitchStep, key) => api.post(`${root}/switches/${id}/steps`, body, key));
export const useResolve = () =>
  useCapacityWrite(({ id, ...body }: { id: string } & Resolve, key) =>
    api.post(`${root}/transfers/${id}/resolve`, body, key),
  );
export const useSign = (switchId: string) =>
  useCapacityWrite((body: { bedId: string; method: string }, key) =>
    api.post(`${root}/switches/${switchId}/disinfections`, body, key),
  );
export const useNewPolicy = (onDone: () => void) =>
  useCapacityWrite(
    (body: Record<string, unknown>, key) => api.post(`${root}/policies`, body, key),
    onDone,
  );
