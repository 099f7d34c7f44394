import { lazy, Suspense } from "react";
import { useSession } from "../api/session.ts";
import { Skeleton } from "../design/components/skeleton.tsx";

const FederatedRecord = lazy(() =>
  import("./federated-record.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.FederatedRecord };
  }),
);

/** The federated record beside something else, for who may read records; fetched when it is first shown. */
export function RecordPanel({ patientId }: { patientId: string }) {
  const session = useSession();
  if (session.data?.kind !== "staff" || !session.data.permissions.includes("record.read"))
    return null;
  return (
    <Suspense fallback={<Skeleton lines={5} />}>
      <FederatedRecord key={patientId} patientId={patientId} beside />
    </Suspense>
  );
}
