/** What the composition needs of money. */
export { createHttpProvider } from "./http-provider.ts";
export {
  orderBody,
  type PaymentProvider,
  type PaymentProviders,
  refundBody,
} from "./provider.ts";
export { assertSigned, signed } from "./signature.ts";
export { billingSchedule, billingTasks } from "./tasks.ts";
