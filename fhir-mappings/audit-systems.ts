/** Code systems of audit events: HL7's and DICOM's, and our own words beside them. */
const OWN = "urn:yilian:audit";
const HL7 = "http://terminology.hl7.org/CodeSystem";

export const auditSystems = {
  /** HL7: what kind of event. */
  auditEventType: `${HL7}/audit-event-type`,
  restfulInteraction: "http://hl7.org/fhir/restful-interaction",
  /** DICOM PS3.16 DCM. */
  dicom: "http://dicom.nema.org/resources/ontology/DCM",
  securityRole: `${HL7}/extra-security-role-type`,
  securitySourceType: `${HL7}/security-source-type`,
  entityType: `${HL7}/audit-entity-type`,
  objectRole: `${HL7}/object-role`,
  /** HL7 v3 PurposeOfUse is a value set of ActReason. */
  purposeOfUse: `${HL7}/v3-ActReason`,
  interaction: `${OWN}:interaction`,
  purpose: `${OWN}:purpose`,
  actorKind: `${OWN}:actor-kind`,
  entity: `${OWN}:entity`,
  correlation: `${OWN}:correlation`,
} as const;
