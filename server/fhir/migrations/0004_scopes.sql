-- A system client whose scopes name types sees those and no others: in reads, searches, chains, includes,
-- history and $everything alike, because it is asked where consent is asked.
CREATE FUNCTION fhir.types() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT string_to_array(nullif(current_setting('fhir.types', true), ''), ' ') $$;

CREATE OR REPLACE FUNCTION fhir.enter(p_caller jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('fhir.tenant', p_caller->>'tenant', true),
    set_config('fhir.institution', coalesce(p_caller->>'institution', ''), true),
    set_config('fhir.purpose', coalesce(p_caller->>'purpose', ''), true),
    set_config('fhir.types', coalesce(p_caller->>'types', ''), true),
    set_config('fhir.at', p_caller->>'at', true);
END $$;

-- What consent alone says; see 0001_store.sql.
ALTER FUNCTION fhir.visible(text, text[], text[]) RENAME TO consented;
ALTER FUNCTION fhir.unrestricted() RENAME TO consent_free;

CREATE FUNCTION fhir.visible(p_type text, p_patients text[], p_labels text[])
  RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF fhir.types() IS NOT NULL THEN
    IF p_type <> ALL (fhir.types()) THEN RETURN false; END IF;
    IF fhir.consent_free() THEN RETURN true; END IF;
  END IF;
  RETURN fhir.consented(p_type, p_patients, p_labels);
END $$;

CREATE FUNCTION fhir.unrestricted() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN fhir.types() IS NULL AND fhir.consent_free();
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA fhir FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA fhir TO yilian_app;
