/** What other capabilities use of the record stores. */
export { isResourceType } from "./definitions/types.ts";
export { isFileRead, type RecordFiles } from "./rest/binary.ts";
export { bodyLimit, takeFhirBodies } from "./rest/body.ts";
export { endpointOf } from "./rest/caller.ts";
export {
  sharedParameters,
  storeInstantiates,
  storeOperations,
  storePatchFormats,
  storeResources,
} from "./rest/capability.ts";
export { pairsOf } from "./rest/options.ts";
export { outcomeOf } from "./rest/outcome.ts";
export { storeRoutes } from "./rest/routes.ts";
export { fromStore, storeFirst } from "./rest/store-first.ts";
export type { Caller, Purpose, StoreContext } from "./store/caller.ts";
export { callerParameter } from "./store/caller.ts";
export type { ConsentRule, StoredRule } from "./store/consent.ts";
export { addRule, endRule, rulesOf } from "./store/consent.ts";
export type { StoreTx } from "./store/database.ts";
export { parseJson } from "./store/json.ts";
export { migrateStore } from "./store/migrate.ts";
export type { Operation, OperationResult } from "./store/operation.ts";
export { ifMatchOf, noConditions } from "./store/operation.ts";
export { applyJsonPatch } from "./store/patch/json-patch.ts";
export type { Write } from "./store/put.ts";
export { put } from "./store/put.ts";
export type { HostedStore, RecordStores } from "./store/registry.ts";
export { createRecordStores } from "./store/registry.ts";
export type { FhirResource } from "./store/resource.ts";
export { eachString, projectionSource } from "./store/resource.ts";
export type { RecordStore } from "./store/service.ts";
export { isValid, validateResource } from "./validation/validate.ts";
