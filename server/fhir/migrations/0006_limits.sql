-- Apps of people. What an app may see is limited to types and, for `patient/` scopes and for a patient's
-- own apps, to the records of the people that its grant names: asked where consent is asked, so that reads,
-- searches, chains, includes, history, $everything and exports hold to it alike.
-- fhir.limits is a list of {types, people}; null in either: all of them. A resource is within when one
-- of the list lets it be. Empty: no limit of this kind.
CREATE FUNCTION fhir.limits() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('fhir.limits', true), '')::jsonb $$;

-- Every patient that a resource names must be one of the people: a list of several is nobody's alone. What
-- is about no patient is seen when it is a directory's.
CREATE FUNCTION fhir.within(p_limits jsonb, p_type text, p_patients text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT EXISTS (SELECT 1 FROM jsonb_array_elements(p_limits) l
    WHERE (l->'types' = 'null' OR l->'types' ? p_type)
      AND (l->'people' = 'null' OR CASE WHEN cardinality(p_patients) = 0 THEN fhir.is_directory(p_type)
        ELSE l->'people' ?& p_patients END))
$$;
CREATE FUNCTION fhir.inside(p_type text, p_patients text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('fhir.limits', true), '') = ''
    OR fhir.within(fhir.limits(), p_type, p_patients)
$$;

CREATE OR REPLACE FUNCTION fhir.enter(p_caller jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('fhir.tenant', p_caller->>'tenant', true),
    set_config('fhir.institution', coalesce(p_caller->>'institution', ''), true),
    set_config('fhir.purpose', coalesce(p_caller->>'purpose', ''), true),
    set_config('fhir.types', coalesce(p_caller->>'types', ''), true),
    set_config('fhir.limits', coalesce(p_caller->>'limits', ''), true),
    set_config('fhir.at', p_caller->>'at', true);
END $$;

CREATE OR REPLACE FUNCTION fhir.visible(p_type text, p_patients text[], p_labels text[])
  RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF coalesce(current_setting('fhir.limits', true), '') <> '' THEN
    IF NOT fhir.within(fhir.limits(), p_type, p_patients) THEN RETURN false; END IF;
    IF fhir.consent_free() THEN RETURN true; END IF;
  ELSIF fhir.types() IS NOT NULL THEN
    IF p_type <> ALL (fhir.types()) THEN RETURN false; END IF;
    IF fhir.consent_free() THEN RETURN true; END IF;
  END IF;
  RETURN fhir.consented(p_type, p_patients, p_labels);
END $$;

CREATE OR REPLACE FUNCTION fhir.unrestricted() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN fhir.types() IS NULL AND coalesce(current_setting('fhir.limits', true), '') = '' AND fhir.consent_free();
END $$;

-- Through which app a person looked: its id and what it is called.
ALTER TABLE audit_event ADD COLUMN client text, ADD COLUMN client_name text;

CREATE OR REPLACE FUNCTION fhir.audit(
  p_caller jsonb, p_interaction text, p_type text, p_id text, p_outcome text,
  p_patients text[], p_entities text[], p_query text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_interaction IN ('read', 'vread', 'search', 'history', 'everything') THEN
    -- A transaction that has written something already keeps its promise.
    IF p_outcome = 'ok' AND p_caller->>'purpose' <> 'emergency' AND pg_current_xact_id_if_assigned() IS NULL THEN
      PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
  ELSIF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  INSERT INTO public.audit_event (tenant, at, actor_kind, actor, actor_name, institution, purpose, reason,
    interaction, type, resource_id, entities, patients, query, outcome, correlation_id, address, client, client_name)
  VALUES ((p_caller->>'tenant')::uuid, (p_caller->>'at')::timestamptz, p_caller->>'kind', p_caller->>'actor',
    p_caller->>'name', (p_caller->>'institution')::uuid, p_caller->>'purpose', p_caller->>'reason',
    p_interaction, p_type, p_id, coalesce(p_entities, '{}'), coalesce(p_patients, '{}'), p_query, p_outcome,
    p_caller->>'correlation', p_caller->>'address', p_caller->>'client', p_caller->>'clientName');
END $$;

REVOKE EXECUTE ON FUNCTION fhir.limits(), fhir.within(jsonb, text, text[]), fhir.inside(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fhir.limits(), fhir.within(jsonb, text, text[]), fhir.inside(text, text[]) TO yilian_app;
