/**
 * How one signs in to the FHIR API, for CapabilityStatement.rest.security.
 * Source: hl7.org/fhir/smart-app-launch/conformance.html.
 * @param publicUrl our own address, without a slash at the end
 */
export const restSecurity = (publicUrl: string) => ({
  extension: [
    {
      url: "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
      extension: [
        { url: "authorize", valueUri: `${publicUrl}/auth/authorize` },
        { url: "token", valueUri: `${publicUrl}/auth/token` },
      ],
    },
  ],
  cors: true,
  service: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/restful-security-service",
          code: "SMART-on-FHIR",
        },
      ],
    },
  ],
  description:
    "Session of a signed-in member of staff, or a bearer token (SMART App Launch 2: standalone launch of apps with PKCE, backend services). Other institutions see what consent permits; every access is logged.",
});
