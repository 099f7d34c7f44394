-- "These are two people": who looks alike and is not one, said by a person who may join them.
ALTER TABLE patient_apart ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE patient_apart FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
GRANT SELECT, INSERT ON patient_apart TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_by_name, withdrawn_at_institution_id, withdrawal_reason) ON patient_apart TO yilian_app;
--> statement-breakpoint
-- What it was said of. When one of these changes, the pair is proposed again.
CREATE FUNCTION app.apart_facts(one uuid, other uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT encode(sha256(convert_to(coalesce(string_agg(x.facts, ' ' ORDER BY x.id), ''), 'UTF8')), 'hex') FROM (
          SELECT p.id, jsonb_build_array(p.id, p.full_name, p.full_name_bo, p.sex, p.birth_date, p.birth_date_estimated, p.unknown_person, p.resident_id_index::text,
            ARRAY(SELECT DISTINCT c.phone_index::text FROM patient_contact c WHERE c.patient_id = p.id ORDER BY 1))::text AS facts
          FROM patient p WHERE p.id IN (one, other)) x $$;
--> statement-breakpoint
CREATE FUNCTION app.said_apart(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM patient_apart x WHERE x.withdrawn_at IS NULL
          AND ((x.one_id = ANY (app.same_person(one)) AND x.other_id = ANY (app.same_person(other)))
            OR (x.one_id = ANY (app.same_person(other)) AND x.other_id = ANY (app.same_person(one))))
          AND x.facts = app.apart_facts(x.one_id, x.other_id)) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_patient_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  -- The same lock as of joining: one is not joined while somebody says that they are two.
  PERFORM pg_advisory_xact_lock(hashtextextended('patient-link', 63));
  IF TG_OP = 'INSERT' THEN
    IF NEW.withdrawn_at IS NOT NULL THEN RAISE EXCEPTION 'it begins by being said' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_apart_stands'; END IF;
    IF app.person_of(NEW.one_id) = app.person_of(NEW.other_id) THEN
      RAISE EXCEPTION 'they are one person' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_apart_joined';
    END IF;
    NEW.facts := app.apart_facts(NEW.one_id, NEW.other_id);
    -- Said again after the facts changed: the new word replaces the old one.
    UPDATE patient_apart SET withdrawn_at = NEW.said_at, withdrawn_by = NEW.said_by, withdrawn_by_name = NEW.said_by_name,
        withdrawn_at_institution_id = NEW.said_at_institution_id, withdrawal_reason = NEW.reason
      WHERE one_id = NEW.one_id AND other_id = NEW.other_id AND withdrawn_at IS NULL AND facts <> NEW.facts;
    RETURN NEW;
  END IF;
  IF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW))
       <@ ARRAY['withdrawn_at', 'withdrawn_by', 'withdrawn_by_name', 'withdrawn_at_institution_id', 'withdrawal_reason'] THEN
    RAISE EXCEPTION 'what was said stands; it may be taken back once' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_apart_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER guard_patient_apart BEFORE INSERT OR UPDATE ON patient_apart FOR EACH ROW EXECUTE FUNCTION app.guard_patient_apart();
--> statement-breakpoint
CREATE FUNCTION app.join_not_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('patient-link', 63));
  IF app.said_apart(NEW.duplicate_id, NEW.named_id) THEN
    RAISE EXCEPTION 'somebody said that they are two' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_apart';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_not_apart BEFORE INSERT ON patient_link FOR EACH ROW EXECUTE FUNCTION app.join_not_apart();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.possible_duplicates(of_patient uuid) RETURNS TABLE (id uuid, alike text, full_name text, full_name_bo text, sex text, birth_date text,
    unknown_person boolean, institution_id uuid, registered_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT f.id, f.alike, f.full_name, f.full_name_bo, f.sex, f.birth_date, f.unknown_person, f.managing_institution_id, f.created_at FROM (
          SELECT q.id, app.alike(p.id, q.id) AS alike, q.full_name, q.full_name_bo, q.sex::text AS sex, q.birth_date::text AS birth_date, q.unknown_person,
            q.managing_institution_id, q.created_at
          FROM patient p JOIN patient q ON q.id <> p.id AND (q.full_name = p.full_name OR q.full_name_bo = p.full_name_bo)
          WHERE p.id = of_patient AND app.person_of(q.id) <> app.person_of(p.id) AND app.person_of(q.id) = q.id) f
        WHERE app.kind() = 'staff' AND app.holds('patient.read') AND app.may_see_patient(of_patient)
          AND NOT app.said_apart(of_patient, f.id)
          AND (f.alike = 'likely' OR (f.alike = 'possible' AND app.may_see_patient(f.id))) ORDER BY f.alike, f.id LIMIT 10 $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.duplicate_pairs(at_most integer) RETURNS TABLE (one uuid, other uuid, alike text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT f.one, f.other, f.alike FROM (
          SELECT DISTINCT least(p.id, q.id) AS one, greatest(p.id, q.id) AS other, app.alike(p.id, q.id) AS alike
          FROM patient_institution i JOIN patient p ON p.id = i.patient_id
            JOIN patient q ON q.id <> p.id AND (q.full_name = p.full_name OR q.full_name_bo = p.full_name_bo)
          WHERE app.holds('patient.join') AND i.institution_id = app.institution() AND app.person_of(p.id) = p.id AND app.person_of(q.id) = q.id) f
        WHERE (f.alike = 'likely' OR (f.alike = 'possible' AND app.may_see_patient(f.one) AND app.may_see_patient(f.other)))
          AND NOT app.said_apart(f.one, f.other)
        ORDER BY f.alike, f.one, f.other LIMIT at_most $$;
--> statement-breakpoint
CREATE POLICY owner_all ON patient_apart TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON patient_apart TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY see ON patient_apart FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('patient.join'))
  AND (app.may_see_patient(one_id) OR app.may_see_patient(other_id)));
--> statement-breakpoint
CREATE POLICY say ON patient_apart FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('patient.join'))
  AND said_by = (SELECT app.person()) AND said_at_institution_id = (SELECT app.institution()) AND said_by_name = (SELECT app.own_name())
  AND app.may_join(one_id, other_id));
--> statement-breakpoint
CREATE POLICY take_back ON patient_apart FOR UPDATE TO yilian_app USING ((SELECT app.holds('patient.join')) AND withdrawn_at IS NULL
    AND (app.may_see_patient(one_id) OR app.may_see_patient(other_id)))
  WITH CHECK (withdrawn_by = (SELECT app.person()) AND withdrawn_at_institution_id = (SELECT app.institution()) AND withdrawn_by_name = (SELECT app.own_name()));
--> statement-breakpoint
-- One person is sampled once, under whichever number: a registration lands on the one that goes on, or, where
-- somebody is recalled, on the number that he was recalled under, so that the recall is answered.
CREATE FUNCTION app.test_once_per_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE alike uuid[] := app.same_person(NEW.patient_id);
BEGIN
  IF cardinality(alike) = 1 THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(alike[1]::text, 64));
  NEW.patient_id := coalesce((SELECT c.patient_id FROM recall c WHERE c.patient_id = ANY (alike) AND c.state IN ('issued', 'told')
    ORDER BY c.single DESC, c.issued_at LIMIT 1), alike[1]);
  -- As a conflict with the index of one a day would be: nothing is written, and the writer looks for what stands.
  IF NEW.state IN ('registered', 'waiting') AND EXISTS (SELECT 1 FROM test_registration r WHERE r.patient_id = ANY (alike)
       AND r.patient_id <> NEW.patient_id AND r.day = NEW.day AND r.state IN ('registered', 'waiting')) THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_once_per_person BEFORE INSERT ON test_registration FOR EACH ROW EXECUTE FUNCTION app.test_once_per_person();
--> statement-breakpoint
-- Nobody is twice in a tube, whichever numbers he has.
CREATE FUNCTION app.tube_once_per_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE alike uuid[] := app.same_person(NEW.patient_id);
BEGIN
  IF cardinality(alike) = 1 THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(alike[1]::text, 64));
  IF EXISTS (SELECT 1 FROM tube_member m WHERE m.tube_id = NEW.tube_id AND m.patient_id = ANY (alike)) THEN
    RAISE EXCEPTION 'this person is in the tube' USING ERRCODE = 'unique_violation', CONSTRAINT = 'tube_member_tube_id_patient_id_pk';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_once_per_person BEFORE INSERT ON tube_member FOR EACH ROW EXECUTE FUNCTION app.tube_once_per_person();
--> statement-breakpoint
-- Said with the tube where he is, under whichever number.
CREATE OR REPLACE FUNCTION app.sample_person(t tube, of_registration uuid, by_person uuid, at_time timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r test_registration; m record; broken text;
BEGIN
  SELECT * INTO r FROM test_registration WHERE id = of_registration;
  IF NOT FOUND THEN RETURN jsonb_build_object('problem', 'person-unknown'); END IF;
  IF r.site_id <> t.site_id THEN RETURN jsonb_build_object('problem', 'person-elsewhere'); END IF;
  IF r.state = 'cancelled' THEN RETURN jsonb_build_object('problem', 'person-cancelled'); END IF;
  IF r.state = 'led-away' THEN RETURN jsonb_build_object('problem', 'person-led-away'); END IF;
  BEGIN
    INSERT INTO tube_member (tube_id, patient_id, size, position, registration_id, purpose, station_id, sampled_at, sampled_by)
      VALUES (t.id, r.patient_id, t.size, 1, r.id, r.purpose, t.station_id, at_time, by_person);
  EXCEPTION
    WHEN unique_violation THEN
      SELECT u.code, u.id, m2.sampled_at, g.number INTO m FROM tube_member m2 JOIN tube u ON u.id = m2.tube_id JOIN sampling_station g ON g.id = m2.station_id
        WHERE m2.active AND (m2.registration_id = r.id OR (m2.tube_id = t.id AND m2.patient_id = ANY (app.same_person(r.patient_id)))) LIMIT 1;
      RETURN jsonb_build_object('problem', 'person-sampled', 'tube', m.code, 'at', m.sampled_at, 'station', m.number);
    WHEN check_violation THEN
      GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
      RETURN jsonb_build_object('problem', CASE WHEN broken IN ('tube_member_fits', 'tube_count') THEN 'tube-full' ELSE 'single-only' END);
    WHEN SQLSTATE 'YL001' THEN
      RETURN jsonb_build_object('problem', CASE WHEN (SELECT state FROM tube WHERE id = t.id) = 'void' THEN 'tube-void' ELSE 'tube-sealed' END);
  END;
  RETURN jsonb_build_object('count', (SELECT count FROM tube WHERE id = t.id));
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.register_test(of_patient uuid, at_site uuid, why test_purpose, first test_priority_reason, from_source test_registration_source,
    of_group uuid, with_code text, on_day date, now_at timestamptz) RETURNS TABLE (registration_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s sampling_site; made uuid; known uuid;
BEGIN
  SELECT * INTO s FROM sampling_site WHERE id = at_site;
  IF NOT FOUND OR NOT app.may_collect(at_site, now_at) OR NOT (app.internal() OR app.may_see_patient(of_patient) OR app.samples_patient(of_patient)
      OR EXISTS (SELECT 1 FROM sampling_group_member m JOIN sampling_group g ON g.id = m.group_id WHERE m.patient_id = of_patient AND g.id = of_group AND g.site_id = at_site)) THEN
    RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN;
  END IF;
  IF why = 'surge' AND NOT EXISTS (SELECT 1 FROM sampling_order o WHERE o.id = s.order_id AND o.confirmed_by IS NOT NULL) THEN
    RETURN QUERY SELECT NULL::uuid, 'order'; RETURN;
  END IF;
  INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, group_id, purpose, priority, day, expected_at, state, arrived_at, registered_by)
    SELECT of_patient, s.id, s.institution_id, with_code, from_source, of_group, why, coalesce(first, app.priority_of(p.birth_date, on_day)), on_day, now_at, 'waiting', now_at, app.person()
    FROM patient p WHERE p.id = of_patient ON CONFLICT (patient_id, day) WHERE state IN ('registered', 'waiting') DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN
    SELECT r.id INTO known FROM test_registration r WHERE r.patient_id = ANY (app.same_person(of_patient)) AND r.day = on_day AND r.state IN ('registered', 'waiting');
    RETURN QUERY SELECT known, 'already'; RETURN;
  END IF;
  RETURN QUERY SELECT made, NULL::text;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.surge_join(at_site uuid, people uuid[], codes text[], family text, on_day date, now_at timestamptz, with_group text DEFAULT NULL)
  RETURNS TABLE (patient_id uuid, registration_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s sampling_site; g sampling_group; together uuid; one uuid; made uuid; i integer := 0;
BEGIN
  SELECT t.* INTO s FROM sampling_site t JOIN surge_site x ON x.site_id = t.id JOIN surge u ON u.id = x.surge_id AND u.state = 'open' WHERE t.id = at_site;
  IF NOT FOUND THEN RETURN QUERY SELECT p, NULL::uuid, 'closed' FROM unnest(people) p; RETURN; END IF;
  IF EXISTS (SELECT 1 FROM unnest(people) p WHERE NOT app.may_act_for(p)) THEN RETURN QUERY SELECT p, NULL::uuid, 'not-allowed' FROM unnest(people) p; RETURN; END IF;
  IF with_group IS NOT NULL THEN
    SELECT x.* INTO g FROM sampling_group x WHERE x.code = upper(with_group) AND x.site_id = s.id AND x.day = on_day;
    IF NOT FOUND THEN RETURN QUERY SELECT p, NULL::uuid, 'group-unknown' FROM unnest(people) p; RETURN; END IF;
    IF g.closed_at IS NOT NULL THEN RETURN QUERY SELECT p, NULL::uuid, 'group-closed' FROM unnest(people) p; RETURN; END IF;
    together := g.id;
  ELSIF cardinality(people) > 1 THEN
    INSERT INTO sampling_group (code, kind, name, site_id, day, owner_phone_index, owner_person_id)
      VALUES (family, 'family', '-', s.id, on_day, app.phone_index(), CASE WHEN app.phone_index() IS NULL THEN (SELECT u.prepared_by FROM surge u JOIN surge_site x ON x.surge_id = u.id WHERE x.site_id = s.id) END)
      RETURNING id INTO together;
  END IF;
  IF together IS NOT NULL THEN
    INSERT INTO sampling_group_member (group_id, patient_id, joined_at, joined_by_phone_index) SELECT together, p, now_at, app.phone_index() FROM unnest(people) p ON CONFLICT DO NOTHING;
  END IF;
  FOREACH one IN ARRAY people LOOP
    i := i + 1;
    made := NULL;
    INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, group_id, purpose, priority, day, expected_at, state, arrived_at)
      SELECT p.id, s.id, s.institution_id, codes[i], (CASE WHEN together IS NULL THEN 'walk-in' ELSE 'group' END)::test_registration_source, together, 'surge', app.priority_of(p.birth_date, on_day), on_day, now_at, 'waiting', now_at
      FROM patient p WHERE p.id = one AND NOT EXISTS (SELECT 1 FROM test_registration o JOIN surge_site x ON x.site_id = o.site_id
          WHERE o.patient_id = ANY (app.same_person(one)) AND o.day = on_day AND o.state = 'sampled' AND x.surge_id = (SELECT y.surge_id FROM surge_site y WHERE y.site_id = s.id))
      ON CONFLICT (patient_id, day) WHERE state IN ('registered', 'waiting') DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
      RETURN QUERY SELECT one, (SELECT r.id FROM test_registration r WHERE r.patient_id = ANY (app.same_person(one)) AND r.day = on_day AND r.state IN ('registered', 'waiting', 'sampled') ORDER BY r.created_at DESC LIMIT 1), 'already';
    ELSE
      RETURN QUERY SELECT one, made, NULL::text;
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON sampling_group_member FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
-- A group counts people.
CREATE OR REPLACE FUNCTION app.group_of_code(with_code text) RETURNS TABLE (id uuid, code text, kind sampling_group_kind, name text, site_id uuid, segment_id uuid, day date, closed boolean, members bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT g.id, g.code, g.kind, g.name, g.site_id, g.segment_id, g.day, g.closed_at IS NOT NULL, (SELECT count(DISTINCT app.person_of(m.patient_id)) FROM sampling_group_member m WHERE m.group_id = g.id)
        FROM sampling_group g WHERE g.code = upper(with_code) AND app.kind() <> 'none' $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.apart_facts(uuid, uuid), app.said_apart(uuid, uuid), app.guard_patient_apart(), app.join_not_apart(), app.test_once_per_person(), app.tube_once_per_person() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.apart_facts(uuid, uuid), app.said_apart(uuid, uuid) TO yilian_app, yilian_owner;
--> statement-breakpoint
-- A ward's doctor is told critical values of who lies there.
INSERT INTO role_permission (role_code, permission) SELECT code, 'critical-value.receive' FROM role WHERE code = 'ward-doctor' ON CONFLICT DO NOTHING;
