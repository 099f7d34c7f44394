import type { ServiceKind } from "../../../server/booking/domain.ts";

/** In the order in which they are chosen. */
export const serviceKindChoices: readonly ServiceKind[] = ["clinic", "fever-clinic", "test"];
