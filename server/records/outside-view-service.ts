/** What consent lets an asker see of the outside servers, gathered from wherever it was said. */
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import type { Holder } from "./locator-service.ts";
import { type SourceView, type ViewRule, viewOf } from "./outside-view.ts";
import { wantedRules } from "./own-domain.ts";
import { rulesAt, standingChoices } from "./own-rules.ts";
import type { SharedBy } from "./record-consents.ts";

const system = systemActor("record-views");

/**
 * An outside server knows nothing of what was said here, so it is kept here: the person's own choices,
 * a consult's consent, and what stands in its institution's own store. Of a store that is away nothing
 * is known, and so nothing is permitted by it.
 * @returns by the code of each outside or remote source of another institution
 */
export async function outsideViews(
  services: Services,
  input: {
    readonly patientId: string;
    readonly asker: StaffActor;
    readonly holders: readonly Holder[];
    /** All that hold something, the hosted stores among them. */
    readonly all: readonly Holder[];
    readonly shared: readonly SharedBy[];
  },
): Promise<ReadonlyMap<string, SourceView>> {
  const { asker } = input;
  const bound = input.holders.filter(
    (one) => one.store.kind === "remote" && one.institutionId !== asker.institutionId,
  );
  if (bound.length === 0) return new Map();
  const { choices } = await services.db.withActor(system, (tx) =>
    standingChoices(tx, input.patientId),
  );
  const views = await Promise.all(
    bound.map(async (holder): Promise<[string, SourceView]> => {
      const { institutionId } = holder;
      const own = input.all.find(
        (one) => one.store.kind === "hosted" && one.institutionId === institutionId,
      );
      const rules: ViewRule[] = [
        ...wantedRules(choices, institutionId),
        ...input.shared
          .filter((one) => one.institutionId === institutionId)
          .map(
            (): ViewRule => ({
              recipient: asker.institutionId,
              label: null,
              decision: "permit",
            }),
          ),
        ...((own ? await rulesAt(services, own) : null) ?? []).filter(
          (rule) => rule.startsAt <= services.clock(),
        ),
      ];
      return [holder.code, viewOf(rules, asker.institutionId)];
    }),
  );
  return new Map(views);
}
