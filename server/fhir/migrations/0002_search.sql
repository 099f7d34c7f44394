-- Index tables of the search. Each look-up is a btree equality (or a range of timestamptz, float8 or
-- text in collation C): those operators are leakproof, so they keep their index under a row policy.
-- Rows are narrow: the tenant is a number of this database (realm), what is found (slot) a 32-bit hash
-- of its path, codes and reference targets 64-bit hashes; server/fhir/search/hash.ts makes them.

CREATE TABLE search_realm (
  tenant uuid PRIMARY KEY,
  realm smallint GENERATED ALWAYS AS IDENTITY UNIQUE
);
ALTER TABLE search_realm ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_realm FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON search_realm USING (tenant = (SELECT fhir.tenant()));
GRANT SELECT, INSERT ON search_realm TO yilian_app;

-- Null (and with it no row) until the tenant has written something.
CREATE FUNCTION fhir.realm() RETURNS smallint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RETURN (SELECT s.realm FROM public.search_realm s WHERE s.tenant = fhir.tenant()); END $$;

-- One row per resource that is not deleted.
CREATE TABLE search_entry (
  key bigint PRIMARY KEY,
  -- Hash of `Type/id`: what references point to, whether it is here yet or not.
  self bigint NOT NULL,
  type int NOT NULL,
  realm smallint NOT NULL
);
CREATE INDEX search_entry_of_type ON search_entry (realm, type, key);
CREATE INDEX search_entry_self ON search_entry (realm, self, key);

CREATE TABLE search_token (
  key bigint NOT NULL,
  code bigint NOT NULL,
  slot int NOT NULL,
  -- 0: the value has no system.
  system int NOT NULL,
  -- Which of the repeated elements it stands in, for composite parameters.
  item smallint NOT NULL,
  realm smallint NOT NULL
);
CREATE INDEX search_token_code ON search_token (realm, slot, code, key, system, item);
CREATE INDEX search_token_key ON search_token (key);

-- Strings (normalised) and URIs (as they are).
CREATE TABLE search_string (
  key bigint NOT NULL,
  -- Hash of the whole value as written, for :exact.
  exact bigint NOT NULL,
  slot int NOT NULL,
  realm smallint NOT NULL,
  value text COLLATE "C" NOT NULL
);
CREATE INDEX search_string_value ON search_string (realm, slot, value, key);
CREATE INDEX search_string_key ON search_string (key);

-- Half-open intervals [low, high).
CREATE TABLE search_date (
  key bigint NOT NULL,
  low timestamptz NOT NULL,
  high timestamptz NOT NULL,
  slot int NOT NULL,
  realm smallint NOT NULL
);
CREATE INDEX search_date_low ON search_date (realm, slot, low, key);
CREATE INDEX search_date_high ON search_date (realm, slot, high, key);
CREATE INDEX search_date_key ON search_date (key);

-- Numbers and quantities; low = high for a single value.
CREATE TABLE search_number (
  key bigint NOT NULL,
  low float8 NOT NULL,
  high float8 NOT NULL,
  -- In base units, where the unit is a UCUM one that we convert.
  base_low float8,
  base_high float8,
  -- Hashes of the unit's code and of its text as given.
  code bigint NOT NULL,
  unit bigint NOT NULL,
  -- Hash of the dimension in base units.
  dimension int,
  system int NOT NULL,
  slot int NOT NULL,
  item smallint NOT NULL,
  realm smallint NOT NULL
);
CREATE INDEX search_number_low ON search_number (realm, slot, low, key);
CREATE INDEX search_number_base ON search_number (realm, slot, dimension, base_low, key) WHERE dimension IS NOT NULL;
CREATE INDEX search_number_key ON search_number (key);

-- A reference points to the hash of `Type/id` (or of the address): it need not be resolved when it is
-- written, and holds when its target comes later.
CREATE TABLE search_reference (
  key bigint NOT NULL,
  target bigint NOT NULL,
  slot int NOT NULL,
  type int NOT NULL,
  item smallint NOT NULL,
  realm smallint NOT NULL
);
CREATE INDEX search_reference_target ON search_reference (realm, target, slot, key);
CREATE INDEX search_reference_key ON search_reference (key);

-- Which resources are about which patient (hash of `Patient/id`), the patient's own among them.
CREATE TABLE search_compartment (
  realm smallint NOT NULL,
  patient bigint NOT NULL,
  key bigint NOT NULL,
  PRIMARY KEY (realm, patient, key)
);
CREATE INDEX search_compartment_key ON search_compartment (key);

-- Codes depend on the slot: without these the planner takes a rare pair for a common one and back.
CREATE STATISTICS search_token_pairs (ndistinct, mcv) ON slot, code FROM search_token;
CREATE STATISTICS search_reference_pairs (ndistinct) ON slot, target FROM search_reference;
CREATE STATISTICS search_string_pairs (ndistinct) ON slot, value FROM search_string;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['entry', 'token', 'string', 'date', 'number', 'reference', 'compartment'] LOOP
    EXECUTE format('ALTER TABLE search_%s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE search_%s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON search_%s USING (realm = (SELECT fhir.realm()))', t);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON search_%s TO yilian_app', t);
  END LOOP;
END $$;

-- p_rows[i] is what indexRows() gave for the resource of p_keys[i]; null: it was deleted.
CREATE OR REPLACE FUNCTION fhir.write_index(p_tenant uuid, p_keys bigint[], p_created boolean[], p_rows jsonb[])
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_realm smallint;
  v_old bigint[] := ARRAY(SELECT k.key FROM unnest(p_keys, p_created) k(key, created) WHERE NOT k.created);
BEGIN
  SELECT s.realm INTO v_realm FROM public.search_realm s WHERE s.tenant = p_tenant;
  IF v_realm IS NULL THEN
    INSERT INTO public.search_realm (tenant) VALUES (p_tenant) ON CONFLICT DO NOTHING;
    SELECT s.realm INTO STRICT v_realm FROM public.search_realm s WHERE s.tenant = p_tenant;
  END IF;
  IF cardinality(v_old) > 0 THEN
    DELETE FROM public.search_entry WHERE key = ANY (v_old);
    DELETE FROM public.search_token WHERE key = ANY (v_old);
    DELETE FROM public.search_string WHERE key = ANY (v_old);
    DELETE FROM public.search_date WHERE key = ANY (v_old);
    DELETE FROM public.search_number WHERE key = ANY (v_old);
    DELETE FROM public.search_reference WHERE key = ANY (v_old);
    DELETE FROM public.search_compartment WHERE key = ANY (v_old);
  END IF;
  INSERT INTO public.search_entry (key, self, type, realm)
    SELECT k.key, (k.rows->>'self')::bigint, (k.rows->>'type')::int, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows) WHERE k.rows->>'self' IS NOT NULL;
  INSERT INTO public.search_token (key, slot, code, system, item, realm)
    SELECT k.key, (e->>0)::int, (e->>1)::bigint, (e->>2)::int, (e->>3)::smallint, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements(k.rows->'tokens') e;
  INSERT INTO public.search_string (key, slot, value, exact, realm)
    SELECT k.key, (e->>0)::int, e->>1, (e->>2)::bigint, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements(k.rows->'strings') e;
  INSERT INTO public.search_date (key, slot, low, high, realm)
    SELECT k.key, (e->>0)::int, (e->>1)::timestamptz, (e->>2)::timestamptz, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements(k.rows->'dates') e;
  INSERT INTO public.search_number (key, slot, low, high, base_low, base_high, dimension, code, unit, system, item, realm)
    SELECT k.key, (e->>0)::int, (e->>1)::float8, (e->>2)::float8, (e->>3)::float8, (e->>4)::float8, (e->>5)::int,
      (e->>6)::bigint, (e->>7)::bigint, (e->>8)::int, (e->>9)::smallint, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements(k.rows->'numbers') e;
  INSERT INTO public.search_reference (key, slot, target, type, item, realm)
    SELECT k.key, (e->>0)::int, (e->>1)::bigint, (e->>2)::int, (e->>3)::smallint, v_realm
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements(k.rows->'references') e;
  INSERT INTO public.search_compartment (realm, patient, key)
    SELECT v_realm, e.patient::bigint, k.key
    FROM unnest(p_keys, p_rows) k(key, rows), jsonb_array_elements_text(k.rows->'compartment') e(patient);
END $$;

REVOKE EXECUTE ON FUNCTION fhir.realm() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fhir.realm() TO yilian_app;
