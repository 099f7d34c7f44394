-- A record store: resources as received, their former versions, consent, and who looked.
-- One database may host several institutions; a request speaks for one of them (the tenant).
-- Functions are SECURITY INVOKER: row policies hold inside them as well.

CREATE SCHEMA fhir;
GRANT USAGE ON SCHEMA public, fhir TO yilian_app;

-- What a request is, as settings of its transaction; fhir.enter() sets them.
CREATE FUNCTION fhir.tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('fhir.tenant', true), '')::uuid $$;
CREATE FUNCTION fhir.institution() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('fhir.institution', true), '')::uuid $$;
CREATE FUNCTION fhir.purpose() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('fhir.purpose', true), '') $$;
-- The business clock, never the database's own.
CREATE FUNCTION fhir.at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('fhir.at', true), '')::timestamptz $$;
CREATE FUNCTION fhir.enter(p_caller jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('fhir.tenant', p_caller->>'tenant', true),
    set_config('fhir.institution', coalesce(p_caller->>'institution', ''), true),
    set_config('fhir.purpose', coalesce(p_caller->>'purpose', ''), true),
    set_config('fhir.at', p_caller->>'at', true);
END $$;

CREATE TABLE resource (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant uuid NOT NULL,
  type text NOT NULL CHECK (type ~ '^[A-Z][A-Za-z]{1,63}$'),
  id text NOT NULL CHECK (id ~ '^[A-Za-z0-9.-]{1,64}$'),
  version int NOT NULL CHECK (version > 0),
  last_updated timestamptz(3) NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  -- POST, PUT, PATCH or DELETE: how this version came about (Bundle.entry.request.method of history).
  method text NOT NULL,
  -- Null when deleted; carries id, meta.versionId and meta.lastUpdated, and is answered as it stands.
  content jsonb,
  source text NOT NULL DEFAULT 'received' CHECK (source IN ('received', 'projected')),
  -- Ids of the patients in whose compartment it lies, for consent and for "who looked".
  patients text[] NOT NULL DEFAULT '{}',
  -- Sensitive categories: the codes of meta.security, for consent in the query.
  labels text[] NOT NULL DEFAULT '{}',
  CONSTRAINT resource_identity UNIQUE (tenant, type, id),
  CONSTRAINT resource_content CHECK (deleted = (content IS NULL))
);
CREATE INDEX resource_of_type ON resource (tenant, type, last_updated, key);
CREATE INDEX resource_of_tenant ON resource (tenant, last_updated, key);

-- Former versions only; the present one is the row of `resource`.
CREATE TABLE resource_version (
  key bigint NOT NULL,
  version int NOT NULL,
  tenant uuid NOT NULL,
  type text NOT NULL,
  id text NOT NULL,
  last_updated timestamptz(3) NOT NULL,
  deleted boolean NOT NULL,
  method text NOT NULL,
  content jsonb,
  patients text[] NOT NULL,
  labels text[] NOT NULL,
  PRIMARY KEY (key, version)
);
CREATE INDEX resource_version_of_type ON resource_version (tenant, type, last_updated, key);
CREATE INDEX resource_version_of_tenant ON resource_version (tenant, last_updated, key);

-- A version that was true once is never lost, whoever writes: the table itself keeps it.
CREATE FUNCTION fhir.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1
     OR (NEW.key, NEW.tenant, NEW.type, NEW.id) IS DISTINCT FROM (OLD.key, OLD.tenant, OLD.type, OLD.id) THEN
    RAISE EXCEPTION 'a resource changes by its next version' USING ERRCODE = '23514', CONSTRAINT = 'resource_next_version';
  END IF;
  INSERT INTO public.resource_version (key, version, tenant, type, id, last_updated, deleted, method, content, patients, labels)
  VALUES (OLD.key, OLD.version, OLD.tenant, OLD.type, OLD.id, OLD.last_updated, OLD.deleted, OLD.method, OLD.content, OLD.patients, OLD.labels);
  RETURN NEW;
END $$;
CREATE TRIGGER resource_keep_version BEFORE UPDATE ON resource
  FOR EACH ROW EXECUTE FUNCTION fhir.keep_version();

-- What a patient allowed or refused. The most specific rule in force decides (a category before
-- everything, a named recipient before anybody), and of two equally specific ones the refusal.
CREATE TABLE consent_rule (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant uuid NOT NULL,
  patient text NOT NULL,
  -- Null: every institution but the keeper itself.
  recipient uuid,
  -- Null: everything.
  label text,
  decision text NOT NULL CHECK (decision IN ('permit', 'deny')),
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3),
  -- Which consent says so, e.g. `Consent/<id>`.
  source text
);
CREATE INDEX consent_rule_of_patient ON consent_rule (tenant, patient);

-- Who did what with which patient's data. Rows are only ever added.
CREATE TABLE audit_event (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  stamped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- 'person' or 'client', and which.
  actor_kind text NOT NULL,
  actor text NOT NULL,
  actor_name text,
  institution uuid,
  purpose text NOT NULL,
  reason text,
  interaction text NOT NULL,
  type text,
  resource_id text,
  -- Further resources of a bundle as `Type/id`.
  entities text[] NOT NULL DEFAULT '{}',
  patients text[] NOT NULL DEFAULT '{}',
  query text,
  outcome text NOT NULL,
  correlation_id text,
  address text
);
CREATE INDEX audit_event_of_tenant ON audit_event (tenant, at, key);
CREATE INDEX audit_event_of_patient ON audit_event USING gin (patients) WHERE patients <> '{}';

CREATE FUNCTION fhir.audit(
  p_caller jsonb, p_interaction text, p_type text, p_id text, p_outcome text,
  p_patients text[], p_entities text[], p_query text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.audit_event (tenant, at, actor_kind, actor, actor_name, institution, purpose, reason,
    interaction, type, resource_id, entities, patients, query, outcome, correlation_id, address)
  VALUES ((p_caller->>'tenant')::uuid, (p_caller->>'at')::timestamptz, p_caller->>'kind', p_caller->>'actor',
    p_caller->>'name', (p_caller->>'institution')::uuid, p_caller->>'purpose', p_caller->>'reason',
    p_interaction, p_type, p_id, coalesce(p_entities, '{}'), coalesce(p_patients, '{}'), p_query, p_outcome,
    p_caller->>'correlation', p_caller->>'address');
END $$;

-- Types about no patient that other institutions may know.
CREATE FUNCTION fhir.is_directory(p_type text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_type IN ('Organization', 'OrganizationAffiliation', 'Practitioner', 'PractitionerRole', 'Location',
    'HealthcareService', 'Endpoint', 'Medication', 'Substance', 'Questionnaire', 'CodeSystem', 'ValueSet')
$$;

-- Whether consent lets the caller see a resource. Allergies of a patient who has said anything about
-- the caller are never hidden: what could kill is no secret among those who treat.
CREATE FUNCTION fhir.visible(p_type text, p_patients text[], p_labels text[])
  RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_tenant uuid := fhir.tenant();
  v_institution uuid := fhir.institution();
  v_own boolean := coalesce(v_institution = v_tenant, false);
BEGIN
  IF fhir.purpose() = 'emergency' THEN RETURN true; END IF;
  IF cardinality(p_patients) = 0 THEN RETURN v_own OR fhir.is_directory(p_type); END IF;
  IF p_type = 'AllergyIntolerance' THEN
    RETURN v_own OR NOT EXISTS (
      SELECT 1 FROM unnest(p_patients) p(id) WHERE NOT EXISTS (
        SELECT 1 FROM public.consent_rule c WHERE c.tenant = v_tenant AND c.patient = p.id
          AND (c.recipient = v_institution OR c.recipient IS NULL)
          AND c.starts_at <= fhir.at() AND (c.ends_at IS NULL OR c.ends_at > fhir.at())));
  END IF;
  RETURN (
    SELECT bool_and(coalesce(rule.decision = 'permit', v_own))
    FROM unnest(p_patients) p(id)
    CROSS JOIN unnest(CASE WHEN cardinality(p_labels) = 0 THEN ARRAY[NULL]::text[] ELSE p_labels END) l(label)
    LEFT JOIN LATERAL (
      SELECT c.decision FROM public.consent_rule c
      WHERE c.tenant = v_tenant AND c.patient = p.id
        AND (c.recipient = v_institution OR (c.recipient IS NULL AND NOT v_own))
        AND (c.label IS NULL OR c.label = l.label)
        AND c.starts_at <= fhir.at() AND (c.ends_at IS NULL OR c.ends_at > fhir.at())
      ORDER BY c.label IS NULL, c.recipient IS NULL, c.decision
      LIMIT 1) rule ON true);
END $$;

-- True when no rule can hide anything from the caller: asked once per statement, so that the ordinary
-- case (one's own records, nothing withheld) costs nothing per row.
CREATE FUNCTION fhir.unrestricted() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF fhir.purpose() = 'emergency' THEN RETURN true; END IF;
  IF fhir.institution() IS DISTINCT FROM fhir.tenant() THEN RETURN false; END IF;
  RETURN NOT EXISTS (SELECT 1 FROM public.consent_rule c
    WHERE c.tenant = fhir.tenant() AND c.recipient = fhir.tenant() AND c.decision = 'deny');
END $$;
CREATE INDEX consent_rule_refused ON consent_rule (tenant, recipient) WHERE decision = 'deny';

-- Reads one resource, or one version of it: tenant, consent, audit and the stored text in one go.
-- status: ok, missing, gone, withheld (the caller learns no more than "missing").
CREATE FUNCTION fhir.read(p_caller jsonb, p_type text, p_id text, p_version int,
    OUT status text, OUT version int, OUT last_updated timestamptz, OUT content text)
  LANGUAGE plpgsql AS $$
DECLARE
  v_patients text[] := '{}';
  v_labels text[] := '{}';
  v_deleted boolean;
  v_key bigint;
BEGIN
  PERFORM fhir.enter(p_caller);
  SELECT r.key, r.version, r.last_updated, r.deleted, r.patients, r.labels, r.content::text
    INTO v_key, read.version, read.last_updated, v_deleted, v_patients, v_labels, read.content
    FROM public.resource r WHERE r.tenant = (p_caller->>'tenant')::uuid AND r.type = p_type AND r.id = p_id;
  IF v_key IS NULL THEN
    status := 'missing';
  ELSIF NOT (fhir.unrestricted() OR fhir.visible(p_type, v_patients, v_labels)) THEN
    status := 'withheld';
  ELSE
    IF p_version IS NOT NULL AND p_version <> read.version THEN
      SELECT o.version, o.last_updated, o.deleted, o.content::text, o.labels
        INTO read.version, read.last_updated, v_deleted, read.content, v_labels
        FROM public.resource_version o WHERE o.key = v_key AND o.version = p_version;
      IF NOT FOUND THEN status := 'missing';
      ELSIF NOT (fhir.unrestricted() OR fhir.visible(p_type, v_patients, v_labels)) THEN status := 'withheld';
      END IF;
    END IF;
    status := coalesce(status, CASE WHEN v_deleted THEN 'gone' ELSE 'ok' END);
  END IF;
  IF status <> 'ok' THEN content := NULL; END IF;
  PERFORM fhir.audit(p_caller, CASE WHEN p_version IS NULL THEN 'read' ELSE 'vread' END,
    p_type, p_id, status, v_patients, NULL, NULL);
END $$;

-- Index rows of the search (0002 replaces the body). p_created: the key is new, there is nothing to clear.
-- p_rows[i] is what indexRows() gave for the resource of p_keys[i]; null: it was deleted.
CREATE FUNCTION fhir.write_index(p_tenant uuid, p_keys bigint[], p_created boolean[], p_rows jsonb[])
  RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;

-- Writes resources, versions, index rows and one audit row together: all or nothing.
-- p_entries: array of {n, type, id, method, content, patients, labels, source, rows, expect, fresh};
-- (type, id) is unique in it. expect: the version that must be there (0: none may be). Rows are locked
-- in the order of (type, id), so that two bundles over the same resources wait and do not deadlock.
-- SQLSTATE YF412: an expectation does not hold, DETAIL is n.
CREATE FUNCTION fhir.put(p_caller jsonb, p_interaction text, p_entries jsonb)
  RETURNS TABLE (n int, status text, version int) LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := (p_caller->>'tenant')::uuid;
  v_at timestamptz(3) := (p_caller->>'at')::timestamptz;
  v_stamp text := to_char(v_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  v_failed int;
  v_keys bigint[];
  v_created boolean[];
  v_rows jsonb[];
BEGIN
  PERFORM fhir.enter(p_caller);
  PERFORM 1 FROM public.resource r
    JOIN (SELECT e->>'type' AS type, e->>'id' AS id FROM jsonb_array_elements(p_entries) e
          WHERE NOT coalesce((e->>'fresh')::boolean, false)) e ON r.type = e.type AND r.id = e.id
    WHERE r.tenant = v_tenant ORDER BY r.type, r.id FOR UPDATE OF r;
  SELECT e.n INTO v_failed
    FROM (SELECT (e->>'n')::int AS n, e->>'type' AS type, e->>'id' AS id, (e->>'expect')::int AS expect
          FROM jsonb_array_elements(p_entries) e WHERE e ? 'expect' AND e->'expect' <> 'null') e
    LEFT JOIN public.resource r ON r.tenant = v_tenant AND r.type = e.type AND r.id = e.id
    WHERE coalesce(CASE WHEN r.deleted AND e.expect = 0 THEN 0 ELSE r.version END, 0) <> e.expect
    ORDER BY e.n LIMIT 1;
  IF v_failed IS NOT NULL THEN
    RAISE EXCEPTION 'another version is there' USING ERRCODE = 'YF412', DETAIL = v_failed::text;
  END IF;
  RETURN QUERY
  WITH e AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_entries) AS x(n int, type text, id text, method text, content jsonb,
      patients text[], labels text[], source text, rows jsonb, fresh boolean)
  ), old AS MATERIALIZED (
    SELECT r.key, r.version, r.deleted, e.n FROM e
      JOIN public.resource r ON r.tenant = v_tenant AND r.type = e.type AND r.id = e.id
      WHERE NOT coalesce(e.fresh, false)
  ), inserted AS (
    INSERT INTO public.resource (tenant, type, id, version, last_updated, method, content, source, patients, labels)
    SELECT v_tenant, e.type, e.id, 1, v_at, e.method, e.content || jsonb_build_object('meta',
        coalesce(e.content->'meta', '{}') || jsonb_build_object('versionId', '1', 'lastUpdated', v_stamp)),
      coalesce(e.source, 'received'), coalesce(e.patients, '{}'), coalesce(e.labels, '{}')
    FROM e WHERE e.method <> 'DELETE' AND NOT EXISTS (SELECT 1 FROM old WHERE old.n = e.n)
    ORDER BY e.type, e.id
    RETURNING resource.key, resource.type, resource.id, resource.version
  ), updated AS (
    UPDATE public.resource r SET version = old.version + 1, last_updated = v_at, method = e.method,
      deleted = (e.method = 'DELETE'),
      content = CASE WHEN e.method = 'DELETE' THEN NULL ELSE e.content || jsonb_build_object('meta',
        coalesce(e.content->'meta', '{}')
          || jsonb_build_object('versionId', (old.version + 1)::text, 'lastUpdated', v_stamp)) END,
      source = coalesce(e.source, r.source),
      patients = CASE WHEN e.method = 'DELETE' THEN r.patients ELSE coalesce(e.patients, '{}') END,
      labels = CASE WHEN e.method = 'DELETE' THEN r.labels ELSE coalesce(e.labels, '{}') END
    FROM old JOIN e ON e.n = old.n
    WHERE r.key = old.key AND NOT (old.deleted AND e.method = 'DELETE')
    RETURNING r.key, r.type, r.id, r.version, old.deleted AS revived
  ), written AS (
    SELECT i.key, e.n, i.version, true AS created, e.rows, 'created' AS status
      FROM inserted i JOIN e ON e.type = i.type AND e.id = i.id
    UNION ALL
    SELECT u.key, e.n, u.version, false, e.rows, CASE WHEN e.method = 'DELETE' THEN 'deleted'
        WHEN u.revived THEN 'created' ELSE 'updated' END
      FROM updated u JOIN e ON e.type = u.type AND e.id = u.id
  ), indexed AS MATERIALIZED (
    SELECT fhir.write_index(v_tenant, array_agg(w.key ORDER BY w.n), array_agg(w.created ORDER BY w.n),
      array_agg(w.rows ORDER BY w.n)) FROM written w HAVING count(*) > 0
  ), audited AS MATERIALIZED (
    SELECT fhir.audit(p_caller, p_interaction,
      CASE WHEN count(*) = 1 THEN min(e.type) END, CASE WHEN count(*) = 1 THEN min(e.id) END, 'ok',
      (SELECT array_agg(DISTINCT p) FROM e one, unnest(one.patients) p),
      CASE WHEN count(*) > 1 THEN array_agg(e.type || '/' || e.id) END, NULL) FROM e
  )
  SELECT e.n, coalesce(w.status, 'absent'), w.version
  FROM e LEFT JOIN written w ON w.n = e.n
  WHERE (SELECT count(*) FROM indexed) >= 0 AND (SELECT count(*) FROM audited) >= 0
  ORDER BY e.n;
END $$;

ALTER TABLE resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE resource FORCE ROW LEVEL SECURITY;
ALTER TABLE resource_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE resource_version FORCE ROW LEVEL SECURITY;
ALTER TABLE consent_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_rule FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON resource USING (tenant = (SELECT fhir.tenant()));
CREATE POLICY tenant ON resource_version USING (tenant = (SELECT fhir.tenant()));
CREATE POLICY tenant ON consent_rule USING (tenant = (SELECT fhir.tenant()));
CREATE POLICY tenant ON audit_event USING (tenant = (SELECT fhir.tenant()));

GRANT SELECT, INSERT, UPDATE ON resource TO yilian_app;
GRANT SELECT, INSERT ON resource_version, audit_event TO yilian_app;
GRANT SELECT, INSERT ON consent_rule TO yilian_app;
GRANT UPDATE (ends_at) ON consent_rule TO yilian_app;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA fhir FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA fhir TO yilian_app;
