import { useQueryClient } from "@tanstack/react-query";
import type { MyActionBody, Road } from "../../../server/referral/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";

/** A step of the patient; the answer is the whole road as it is then. */
export function useRoadStep(referralId: string, onDone: () => void = () => {}) {
  const client = useQueryClient();
  return useWrite(
    (body: MyActionBody, key) =>
      api.post<Road>(`/api/me/referrals/${referralId}/actions`, body, key),
    {
      onDone: (road) => {
        client.setQueryData(["my", "road"], { ...road, keptAt: null });
        void client.invalidateQueries({ queryKey: ["my", "road"] });
        onDone();
      },
    },
  );
}
