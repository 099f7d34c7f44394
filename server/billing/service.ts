/** What the composition needs of money. */
export { createHttpProvider } from "./http-provider.ts";
export type { PaymentProvider, PaymentProviders } from "./provider.ts";
export { billingSchedule, billingTasks } from "./tasks.ts";
