-- Subscriptions (R4 topic backport): what others are told of, and how far they were told. The Subscription
-- itself is a resource like any other; here stands what delivers it.
CREATE TABLE subscription_run (
  tenant uuid NOT NULL,
  id text NOT NULL,
  -- Who subscribed, as the store is asked in his name when a notification is put together.
  caller jsonb NOT NULL,
  institution uuid NOT NULL,
  base text NOT NULL,
  status text NOT NULL CHECK (status IN ('requested', 'active', 'error', 'off')),
  -- Whether changes are noted: from the first activation on, and for some days after an error.
  recording boolean NOT NULL DEFAULT false,
  topic text NOT NULL,
  -- Null: every type.
  types text[],
  -- List of {type, patients, ids, statuses}; null: any.
  filters jsonb NOT NULL DEFAULT '[]',
  endpoint text NOT NULL,
  -- Headers of the receiver, sealed: the resource shows their names only.
  headers_sealed text,
  content text NOT NULL CHECK (content IN ('empty', 'id-only', 'full-resource')),
  heartbeat_seconds int,
  timeout_seconds int NOT NULL,
  max_count int NOT NULL,
  ends_at timestamptz(3),
  -- Number of the last event that got one, and of the last that arrived.
  numbered bigint NOT NULL DEFAULT 0,
  delivered bigint NOT NULL DEFAULT 0 CHECK (delivered <= numbered),
  failures int NOT NULL DEFAULT 0,
  failing_since timestamptz(3),
  next_at timestamptz(3),
  sent_at timestamptz(3),
  -- Of several deliverers one has it, for so long.
  lease uuid,
  lease_until timestamptz(3),
  fault text,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX subscription_recording ON subscription_run (tenant) WHERE recording;

-- One row per change and subscription, written in the transaction of the change. It gets its number when
-- a deliverer sees it: numbers have no gaps and writers do not wait for each other.
CREATE TABLE subscription_event (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant uuid NOT NULL,
  subscription text NOT NULL,
  number bigint,
  at timestamptz(3) NOT NULL,
  resource bigint NOT NULL,
  type text NOT NULL,
  resource_id text NOT NULL,
  version int NOT NULL,
  method text NOT NULL,
  patients text[] NOT NULL,
  labels text[] NOT NULL,
  FOREIGN KEY (tenant, subscription) REFERENCES subscription_run ON DELETE CASCADE
);
CREATE UNIQUE INDEX subscription_event_number ON subscription_event (tenant, subscription, number);
CREATE INDEX subscription_event_fresh ON subscription_event (tenant, subscription, key) WHERE number IS NULL;

CREATE FUNCTION fhir.note_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever has no subscription pays this one look.
  IF NOT EXISTS (SELECT 1 FROM public.subscription_run s WHERE s.tenant = fhir.tenant() AND s.recording) THEN
    RETURN NULL;
  END IF;
  INSERT INTO public.subscription_event (tenant, subscription, at, resource, type, resource_id, version, method, patients, labels)
  SELECT n.tenant, s.id, n.last_updated, n.key, n.type, n.id, n.version, n.method, n.patients, n.labels
  FROM new_rows n JOIN public.subscription_run s ON s.tenant = n.tenant AND s.recording
  WHERE n.type <> 'Subscription' AND (s.types IS NULL OR n.type = ANY (s.types))
    AND NOT EXISTS (
      SELECT 1 FROM jsonb_to_recordset(s.filters) f(type text, patients text[], ids text[], statuses text[])
      WHERE (f.type IS NULL OR f.type = n.type)
        AND NOT coalesce((f.patients IS NULL OR n.patients && f.patients) AND (f.ids IS NULL OR n.id = ANY (f.ids))
          AND (f.statuses IS NULL OR n.content->>'status' = ANY (f.statuses)), false))
  ORDER BY n.key, s.id;
  RETURN NULL;
END $$;
CREATE TRIGGER resource_events_of_insert AFTER INSERT ON resource REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION fhir.note_events();
CREATE TRIGGER resource_events_of_update AFTER UPDATE ON resource REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION fhir.note_events();

-- A Subscription is seen by the institution whose records it is about and by the one that subscribed,
-- whose id is its label. Otherwise as 0001_store.sql has it.
CREATE OR REPLACE FUNCTION fhir.consented(p_type text, p_patients text[], p_labels text[])
  RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_tenant uuid := fhir.tenant();
  v_institution uuid := fhir.institution();
  v_own boolean := coalesce(v_institution = v_tenant, false);
BEGIN
  IF fhir.purpose() = 'emergency' THEN RETURN true; END IF;
  IF cardinality(p_patients) = 0 THEN
    RETURN v_own OR fhir.is_directory(p_type)
      OR (p_type = 'Subscription' AND coalesce(v_institution::text = ANY (p_labels), false));
  END IF;
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

ALTER TABLE subscription_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription_run FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subscription_run USING (tenant = (SELECT fhir.tenant()));
CREATE POLICY tenant ON subscription_event USING (tenant = (SELECT fhir.tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON subscription_run, subscription_event TO yilian_app;
REVOKE EXECUTE ON FUNCTION fhir.note_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fhir.note_events() TO yilian_app;
