-- A surge: one form opens it, people are spread over its stations here, without a lock over the site.
-- A newcomer takes the row of one station and skips those that somebody else has in hand; a phone that
-- reports swabs never waits for whoever spreads people. The services ask for rights first; this is the last word.
CREATE TABLE surge_transition (from_state surge_state NOT NULL, to_state surge_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO surge_transition (from_state, to_state) VALUES ('planned', 'open'), ('planned', 'withdrawn'), ('open', 'closing'), ('closing', 'open'), ('closing', 'stood-down');
--> statement-breakpoint
CREATE FUNCTION app.commands_surge() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('surge.command') THEN app.institution() END $$;
--> statement-breakpoint
-- Who may look at the board: whoever commands, and the leads of the sites.
CREATE FUNCTION app.sees_surge() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('surge.command') OR app.holds('sampling.lead') THEN app.institution() END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_surge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE allowed text[] := ARRAY['state', 'version'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'planned' OR NEW.version <> 1 OR (app.kind() = 'staff' AND NEW.prepared_by <> app.person()) THEN
      RAISE EXCEPTION 'a surge begins as a plan' USING ERRCODE = 'YL001', CONSTRAINT = 'surge_state_order';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM surge_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a surge cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'surge_state_order';
  END IF;
  allowed := allowed || CASE WHEN NEW.state = OLD.state THEN ARRAY['balanced_at'] ELSE CASE NEW.state
    WHEN 'open' THEN ARRAY['opened_by', 'opened_at', 'closing_by', 'closing_at']
    WHEN 'closing' THEN ARRAY['closing_by', 'closing_at']
    WHEN 'stood-down' THEN ARRAY['stood_down_at'] ELSE '{}'::text[] END END;
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ allowed THEN
    RAISE EXCEPTION 'a surge stands as it was signed' USING ERRCODE = 'YL001', CONSTRAINT = 'surge_fixed';
  END IF;
  -- Two persons: the order says so.
  IF NEW.state = 'open' AND NOT EXISTS (SELECT 1 FROM sampling_order o WHERE o.id = NEW.order_id AND o.confirmed_by IS NOT NULL AND o.institution_id = NEW.institution_id) THEN
    RAISE EXCEPTION 'the order is not signed by two' USING ERRCODE = 'YL001', CONSTRAINT = 'surge_order_confirmed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER surge_guard BEFORE INSERT OR UPDATE ON surge FOR EACH ROW EXECUTE FUNCTION app.guard_surge();
--> statement-breakpoint
-- Makes the sites and stations of a plan, once: whoever comes second finds it open.
CREATE FUNCTION app.open_surge(of_surge uuid, now_at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE u surge; p jsonb; made uuid;
BEGIN
  SELECT * INTO u FROM surge WHERE id = of_surge FOR UPDATE;
  IF NOT FOUND OR NOT (app.internal() OR u.institution_id = app.commands_surge()) THEN
    RAISE EXCEPTION 'not yours to open' USING ERRCODE = '42501', CONSTRAINT = 'surge_command';
  END IF;
  IF u.state NOT IN ('planned', 'closing') THEN RETURN false; END IF;
  UPDATE surge SET state = 'open', opened_by = coalesce(opened_by, app.person(), prepared_by), opened_at = coalesce(opened_at, now_at), closing_by = NULL, closing_at = NULL,
    version = version + 1 WHERE id = u.id;
  IF u.state = 'closing' THEN RETURN true; END IF;
  FOR p IN SELECT value FROM jsonb_array_elements(u.places) LOOP
    INSERT INTO sampling_site (institution_id, order_id, name_zh, name_en, place, opens_at, closes_at, purpose, pool_size, laboratory_id, fever_place, population)
      VALUES (u.institution_id, u.order_id, p ->> 'name', p ->> 'name', p ->> 'place', u.starts_at, NULL, 'surge', u.pool_size, u.laboratory_id, u.fever_place,
        ceil(u.expected_people::numeric / jsonb_array_length(u.places))) RETURNING id INTO made;
    INSERT INTO surge_site (site_id, surge_id) VALUES (made, u.id);
    WITH station AS (INSERT INTO sampling_station (site_id, number, priority)
        SELECT made, n, n <= (p ->> 'priority')::integer FROM generate_series(1, (p ->> 'stations')::integer) n RETURNING id, number, priority)
      INSERT INTO surge_station (station_id, surge_id, site_id, number, priority, queue_limit, per_hour)
        SELECT id, u.id, made, number, priority, u.queue_limit, u.planned_per_hour FROM station;
  END LOOP;
  RETURN true;
END $$;
--> statement-breakpoint
-- Samplers come to the tables: each to the next free one, whoever comes at the same moment to another.
CREATE FUNCTION app.staff_surge(of_surge uuid, people uuid[], now_at timestamptz) RETURNS TABLE (person_id uuid, station_id uuid, number smallint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE u surge; one uuid; st surge_station;
BEGIN
  SELECT * INTO u FROM surge WHERE id = of_surge;
  IF NOT FOUND OR u.state NOT IN ('open', 'closing') OR NOT (app.internal() OR u.institution_id = app.sees_surge()
      OR (people = ARRAY[app.person()] AND app.holds('sampling.collect') AND u.institution_id = app.institution())) THEN RETURN; END IF;
  FOREACH one IN ARRAY people LOOP
    CONTINUE WHEN EXISTS (SELECT 1 FROM sampling_station g JOIN surge_station s ON s.station_id = g.id WHERE s.surge_id = u.id AND g.sampler_id = one AND g.state <> 'closed');
    CONTINUE WHEN NOT EXISTS (SELECT 1 FROM role_assignment a JOIN role_permission p ON p.role_code = a.role_code WHERE a.person_id = one
      AND a.institution_id = u.institution_id AND p.permission = 'sampling.collect' AND (a.valid_until IS NULL OR a.valid_until > now_at));
    SELECT s.* INTO st FROM surge_station s JOIN sampling_station g ON g.id = s.station_id
      WHERE s.surge_id = u.id AND g.sampler_id IS NULL ORDER BY s.number, s.site_id LIMIT 1 FOR UPDATE OF g SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    -- Whoever works elsewhere for this institution leaves that table; another institution's is not ours to take.
    CONTINUE WHEN EXISTS (SELECT 1 FROM sampling_duty d JOIN sampling_site s ON s.id = d.site_id WHERE d.person_id = one AND d.ended_at IS NULL AND s.institution_id <> u.institution_id);
    UPDATE sampling_station g SET sampler_id = NULL, state = 'closed', changed_at = now_at WHERE g.sampler_id = one;
    UPDATE sampling_duty d SET ended_at = now_at WHERE d.person_id = one AND d.ended_at IS NULL;
    INSERT INTO sampling_duty (person_id, site_id, station_id, day, started_at, assigned_by)
      VALUES (one, st.site_id, st.station_id, (now_at AT TIME ZONE 'Asia/Shanghai')::date, now_at, app.person());
    UPDATE sampling_station g SET sampler_id = one, state = 'open', changed_at = now_at WHERE g.id = st.station_id;
    RETURN QUERY SELECT one, st.station_id, st.number;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.follow_station() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE surge_station s SET open = NEW.state = 'open', priority = NEW.priority WHERE s.station_id = NEW.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sampling_station_surge AFTER UPDATE OF state, priority ON sampling_station FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.priority IS DISTINCT FROM NEW.priority) EXECUTE FUNCTION app.follow_station();
--> statement-breakpoint
-- The open station with the shortest expected wait that has room for all of a party, its row taken; null when
-- there is none (server/surge/domain.ts, chooseStation; a test compares).
CREATE FUNCTION app.surge_choose(at_site uuid, first boolean, size integer) RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT s.station_id FROM surge_station s WHERE s.site_id = at_site AND s.open AND s.queue + size <= s.queue_limit
          AND (s.priority = first OR NOT EXISTS (SELECT 1 FROM surge_station o WHERE o.site_id = at_site AND o.open AND o.priority = first))
        ORDER BY (s.queue + size) / s.per_hour, s.number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED $$;
--> statement-breakpoint
-- Somebody who waits at a site of a surge is given a place: the family's station, else the quickest, else the hall.
CREATE FUNCTION app.place_waiting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_surge uuid; together uuid := NEW.id; size integer := 1; chosen uuid; first boolean := NEW.priority IS NOT NULL;
BEGIN
  SELECT u.id INTO of_surge FROM surge_site s JOIN surge u ON u.id = s.surge_id WHERE s.site_id = NEW.site_id AND u.state IN ('open', 'closing');
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF NEW.group_id IS NOT NULL AND EXISTS (SELECT 1 FROM sampling_group g WHERE g.id = NEW.group_id AND g.kind = 'family') THEN
    together := NEW.group_id;
    SELECT p.station_id INTO chosen FROM surge_place p WHERE p.party = together AND p.state = 'waiting' AND p.registration_id <> NEW.id ORDER BY p.number LIMIT 1;
    IF FOUND THEN
      IF chosen IS NOT NULL THEN
        SELECT s.station_id INTO chosen FROM surge_station s WHERE s.station_id = chosen AND s.open AND s.queue < s.queue_limit FOR NO KEY UPDATE SKIP LOCKED;
      END IF;
      size := 0;
    ELSE
      SELECT greatest(1, count(*)) INTO size FROM sampling_group_member m WHERE m.group_id = together;
      first := first OR EXISTS (SELECT 1 FROM sampling_group_member m JOIN patient p ON p.id = m.patient_id WHERE m.group_id = together AND app.priority_of(p.birth_date, NEW.day) IS NOT NULL);
    END IF;
  END IF;
  IF size > 0 THEN chosen := app.surge_choose(NEW.site_id, first, size); END IF;
  INSERT INTO surge_place AS p (registration_id, surge_id, site_id, patient_id, party, priority, station_id, arrived_at, assigned_at)
    VALUES (NEW.id, of_surge, NEW.site_id, NEW.patient_id, together, NEW.priority IS NOT NULL, chosen, coalesce(NEW.arrived_at, NEW.expected_at),
      CASE WHEN chosen IS NOT NULL THEN coalesce(NEW.arrived_at, NEW.expected_at) END)
    -- Back after a voided tube: with the old number, ahead of everybody who came later.
    ON CONFLICT (registration_id) DO UPDATE SET state = 'waiting', station_id = excluded.station_id, called_at = NULL, ended_at = NULL, assigned_at = excluded.assigned_at
      WHERE p.state <> 'waiting';
  IF NOT FOUND OR chosen IS NULL THEN RETURN NULL; END IF;
  UPDATE surge_station SET queue = queue + 1 WHERE station_id = chosen;
  UPDATE test_registration SET station_id = chosen WHERE id = NEW.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER test_registration_surge_in AFTER INSERT ON test_registration FOR EACH ROW WHEN (NEW.state = 'waiting') EXECUTE FUNCTION app.place_waiting();
--> statement-breakpoint
CREATE TRIGGER test_registration_surge_back AFTER UPDATE OF state ON test_registration FOR EACH ROW
  WHEN (NEW.state = 'waiting' AND OLD.state IS DISTINCT FROM 'waiting') EXECUTE FUNCTION app.place_waiting();
--> statement-breakpoint
-- Sampled, led away, gone: the place is free. Who is spreading people just now has the counter in hand; then it is
-- corrected by the next count, and until then too high, never too low.
CREATE FUNCTION app.leave_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE stood uuid;
BEGIN
  UPDATE surge_place p SET state = (CASE NEW.state WHEN 'sampled' THEN 'sampled' WHEN 'led-away' THEN 'led-away' ELSE 'left' END)::surge_place_state,
      ended_at = coalesce(NEW.sampled_at, NEW.led_away_at, p.arrived_at)
    WHERE p.registration_id = NEW.id AND p.state = 'waiting' RETURNING p.station_id INTO stood;
  IF stood IS NULL THEN RETURN NULL; END IF;
  PERFORM 1 FROM surge_station WHERE station_id = stood AND queue > 0 FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN UPDATE surge_station SET queue = queue - 1 WHERE station_id = stood; END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER test_registration_surge_out AFTER UPDATE OF state ON test_registration FOR EACH ROW
  WHEN (OLD.state = 'waiting' AND NEW.state <> 'waiting') EXECUTE FUNCTION app.leave_place();
--> statement-breakpoint
-- Sends parties elsewhere, each if it still stands where it stood, nobody of it was called, and there is room for
-- all of them. Waits for nobody: what is in somebody's hand is left for the next time.
CREATE FUNCTION app.surge_move(moves jsonb, now_at timestamptz) RETURNS TABLE (registration_id uuid, patient_id uuid, from_station uuid, to_station uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE m jsonb; people uuid[]; n integer; was uuid; goes uuid; was_open boolean;
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  FOR m IN SELECT value FROM jsonb_array_elements(moves) LOOP
    SELECT array_agg(value::uuid) INTO people FROM jsonb_array_elements_text(m -> 'people');
    n := cardinality(people); was := (m ->> 'from')::uuid; goes := (m ->> 'to')::uuid;
    PERFORM 1 FROM surge_station s WHERE s.station_id = goes AND s.open AND s.queue + n <= s.queue_limit FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT s.open INTO was_open FROM surge_station s WHERE s.station_id = was;
    PERFORM 1 FROM surge_place p JOIN test_registration r ON r.id = p.registration_id
      WHERE p.registration_id = ANY (people) AND p.state = 'waiting' AND r.state = 'waiting' AND p.station_id IS NOT DISTINCT FROM was
        AND (p.called_at IS NULL OR NOT was_open) FOR NO KEY UPDATE OF p, r SKIP LOCKED;
    GET DIAGNOSTICS n = ROW_COUNT;
    CONTINUE WHEN n <> cardinality(people);
    UPDATE surge_place p SET station_id = goes, assigned_at = now_at, called_at = NULL, moved_from = coalesce(was, p.moved_from),
        moved_at = CASE WHEN was IS NULL THEN p.moved_at ELSE now_at END, moves = p.moves + CASE WHEN was IS NULL THEN 0 ELSE 1 END
      WHERE p.registration_id = ANY (people);
    UPDATE test_registration r SET station_id = goes WHERE r.id = ANY (people);
    UPDATE surge_station s SET queue = s.queue + n WHERE s.station_id = goes;
    PERFORM 1 FROM surge_station s WHERE s.station_id = was AND s.queue >= n FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN UPDATE surge_station s SET queue = s.queue - n WHERE s.station_id = was; END IF;
    RETURN QUERY SELECT p.registration_id, p.patient_id, was, goes FROM surge_place p WHERE p.registration_id = ANY (people);
  END LOOP;
END $$;
--> statement-breakpoint
-- Those at the head are called; counters say again what stands there. In two steps, so that the count is made
-- after the row is taken and sees everybody who was sent there.
CREATE FUNCTION app.surge_call(of_surge uuid, ahead integer, now_at timestamptz) RETURNS TABLE (registration_id uuid, patient_id uuid, station_id uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  RETURN QUERY UPDATE surge_place p SET called_at = now_at FROM (
      SELECT q.registration_id FROM surge_place q WHERE q.registration_id IN (
          SELECT h.registration_id FROM surge_station s CROSS JOIN LATERAL (SELECT w.registration_id, w.called_at FROM surge_place w
              WHERE w.station_id = s.station_id AND w.state = 'waiting' ORDER BY w.priority DESC, w.number LIMIT ahead) h
            WHERE s.surge_id = of_surge AND s.open AND h.called_at IS NULL)
        AND q.state = 'waiting' FOR NO KEY UPDATE SKIP LOCKED) c
    WHERE p.registration_id = c.registration_id RETURNING p.registration_id, p.patient_id, p.station_id;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.surge_recount(of_surge uuid) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE taken uuid[]; n integer;
BEGIN
  IF NOT app.internal() THEN RETURN 0; END IF;
  SELECT array_agg(x.station_id) INTO taken FROM (SELECT s.station_id FROM surge_station s WHERE s.surge_id = of_surge AND s.queue <>
      (SELECT count(*) FROM surge_place p WHERE p.station_id = s.station_id AND p.state = 'waiting') FOR NO KEY UPDATE OF s SKIP LOCKED) x;
  UPDATE surge_station s SET queue = least(s.queue_limit, (SELECT count(*) FROM surge_place p WHERE p.station_id = s.station_id AND p.state = 'waiting'))
    WHERE s.station_id = ANY (taken);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;
--> statement-breakpoint
-- How fast each station works: the gaps between its swabs of the last half hour, pauses left out, the planned pace
-- weighing as much as some swabs (server/surge/domain.ts, measuredPerHour; a test compares).
CREATE FUNCTION app.surge_measure(of_surge uuid, longest_gap integer, weight integer, now_at timestamptz) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE n integer;
BEGIN
  IF NOT app.internal() THEN RETURN 0; END IF;
  WITH swab AS (SELECT m.station_id, extract(epoch FROM m.sampled_at - lag(m.sampled_at) OVER (PARTITION BY m.station_id ORDER BY m.sampled_at)) AS gap
      FROM surge_station s JOIN tube_member m ON m.station_id = s.station_id AND m.sampled_at > now_at - interval '30 minutes' AND m.sampled_at <= now_at WHERE s.surge_id = of_surge),
    pace AS (SELECT station_id, count(*) AS swabs, sum(gap) AS seconds FROM swab WHERE gap <= longest_gap GROUP BY station_id),
    free AS (SELECT s.station_id FROM surge_station s WHERE s.surge_id = of_surge FOR NO KEY UPDATE SKIP LOCKED)
  UPDATE surge_station s SET per_hour = ((p.swabs + weight) * 3600.0) / (p.seconds + weight * 3600.0 / u.planned_per_hour), measured = p.swabs
    FROM pace p, free f, surge u WHERE s.station_id = p.station_id AND f.station_id = s.station_id AND u.id = s.surge_id;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;
--> statement-breakpoint
-- Stations of a closing surge close when nobody stands there and nobody is in the hall; the last one ends the evening.
CREATE FUNCTION app.surge_run_out(of_surge uuid, now_at timestamptz) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE n integer;
BEGIN
  IF NOT app.internal() OR NOT EXISTS (SELECT 1 FROM surge u WHERE u.id = of_surge AND u.state = 'closing') THEN RETURN 0; END IF;
  WITH done AS (UPDATE sampling_station g SET state = 'closed', sampler_id = NULL, changed_at = now_at
      WHERE g.state <> 'closed' AND g.id IN (SELECT s.station_id FROM surge_station s WHERE s.surge_id = of_surge
          AND NOT EXISTS (SELECT 1 FROM surge_place p WHERE p.station_id = s.station_id AND p.state = 'waiting')
          AND NOT EXISTS (SELECT 1 FROM surge_place p WHERE p.site_id = s.site_id AND p.state = 'waiting' AND p.station_id IS NULL)
          -- Swabs that are not sealed yet are still at the table.
          AND NOT EXISTS (SELECT 1 FROM tube t WHERE t.station_id = s.station_id AND t.state = 'collecting')) RETURNING g.id)
    UPDATE sampling_duty d SET ended_at = now_at FROM done WHERE d.station_id = done.id AND d.ended_at IS NULL;
  SELECT count(*) INTO n FROM surge_station s JOIN sampling_station g ON g.id = s.station_id WHERE s.surge_id = of_surge AND g.state <> 'closed';
  IF n = 0 AND NOT EXISTS (SELECT 1 FROM surge_place p WHERE p.surge_id = of_surge AND p.state = 'waiting') THEN
    UPDATE sampling_site SET closes_at = greatest(now_at, opens_at + interval '1 second') WHERE id IN (SELECT site_id FROM surge_site WHERE surge_id = of_surge);
    UPDATE surge SET state = 'stood-down', stood_down_at = now_at, version = version + 1 WHERE id = of_surge;
  END IF;
  RETURN n;
END $$;
--> statement-breakpoint
-- A phone at the entrance: oneself and the family, at once. Problems per person as of app.register_test.
CREATE FUNCTION app.surge_join(at_site uuid, people uuid[], codes text[], family text, on_day date, now_at timestamptz) RETURNS TABLE (patient_id uuid, registration_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s sampling_site; together uuid; one uuid; made uuid; i integer := 0;
BEGIN
  SELECT t.* INTO s FROM sampling_site t JOIN surge_site x ON x.site_id = t.id JOIN surge u ON u.id = x.surge_id AND u.state = 'open' WHERE t.id = at_site;
  IF NOT FOUND THEN RETURN QUERY SELECT p, NULL::uuid, 'closed' FROM unnest(people) p; RETURN; END IF;
  IF EXISTS (SELECT 1 FROM unnest(people) p WHERE NOT app.may_act_for(p)) THEN RETURN QUERY SELECT p, NULL::uuid, 'not-allowed' FROM unnest(people) p; RETURN; END IF;
  IF cardinality(people) > 1 THEN
    INSERT INTO sampling_group (code, kind, name, site_id, day, owner_phone_index, owner_person_id)
      VALUES (family, 'family', '-', s.id, on_day, app.phone_index(), CASE WHEN app.phone_index() IS NULL THEN (SELECT u.prepared_by FROM surge u JOIN surge_site x ON x.surge_id = u.id WHERE x.site_id = s.id) END)
      RETURNING id INTO together;
    INSERT INTO sampling_group_member (group_id, patient_id, joined_at, joined_by_phone_index) SELECT together, p, now_at, app.phone_index() FROM unnest(people) p;
  END IF;
  FOREACH one IN ARRAY people LOOP
    i := i + 1;
    made := NULL;
    INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, group_id, purpose, priority, day, expected_at, state, arrived_at)
      SELECT p.id, s.id, s.institution_id, codes[i], (CASE WHEN together IS NULL THEN 'walk-in' ELSE 'group' END)::test_registration_source, together, 'surge', app.priority_of(p.birth_date, on_day), on_day, now_at, 'waiting', now_at
      FROM patient p WHERE p.id = one AND NOT EXISTS (SELECT 1 FROM test_registration o JOIN surge_site x ON x.site_id = o.site_id
          WHERE o.patient_id = one AND o.day = on_day AND o.state = 'sampled' AND x.surge_id = (SELECT y.surge_id FROM surge_site y WHERE y.site_id = s.id))
      ON CONFLICT (patient_id, day) WHERE state IN ('registered', 'waiting') DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
      RETURN QUERY SELECT one, (SELECT r.id FROM test_registration r WHERE r.patient_id = one AND r.day = on_day AND r.state IN ('registered', 'waiting', 'sampled') ORDER BY r.created_at DESC LIMIT 1), 'already';
    ELSE
      RETURN QUERY SELECT one, made, NULL::text;
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint
-- The own places, with how many are ahead: a number, never who.
CREATE FUNCTION app.my_surge_places() RETURNS TABLE (registration_id uuid, patient_id uuid, site_id uuid, station integer, moved_from integer, moved_at timestamptz, called boolean, ahead integer, per_hour real, fever_place text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p.registration_id, p.patient_id, p.site_id, s.number::integer, f.number::integer, p.moved_at, p.called_at IS NOT NULL,
          (SELECT count(*) FROM surge_place a WHERE a.station_id IS NOT DISTINCT FROM p.station_id AND (p.station_id IS NOT NULL OR a.site_id = p.site_id) AND a.state = 'waiting'
             AND (a.priority > p.priority OR (a.priority = p.priority AND a.number < p.number)))::integer,
          coalesce(s.per_hour, (SELECT sum(o.per_hour)::real FROM surge_station o WHERE o.site_id = p.site_id AND o.open)), t.fever_place
        FROM surge_place p JOIN sampling_site t ON t.id = p.site_id LEFT JOIN surge_station s ON s.station_id = p.station_id LEFT JOIN surge_station f ON f.station_id = p.moved_from
        WHERE p.patient_id = ANY (app.patient_ids()) AND p.state = 'waiting' $$;
--> statement-breakpoint
-- What the board says: numbers only. Whoever commands sees nobody's name.
CREATE FUNCTION app.surge_board(of_surge uuid, now_at timestamptz) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE u surge; sites uuid[]; answer jsonb;
BEGIN
  SELECT * INTO u FROM surge WHERE id = of_surge;
  IF NOT FOUND OR NOT (app.internal() OR u.institution_id = app.sees_surge()) THEN RETURN NULL; END IF;
  SELECT array_agg(site_id) INTO sites FROM surge_site WHERE surge_id = u.id;
  SELECT jsonb_build_object(
    'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name_zh, 'place', s.place,
        'hall', (SELECT count(*) FROM surge_place p WHERE p.site_id = s.id AND p.state = 'waiting' AND p.station_id IS NULL),
        'toCome', (SELECT count(*) FROM test_registration r WHERE r.site_id = s.id AND r.state = 'registered')) ORDER BY s.name_zh) FROM sampling_site s WHERE s.id = ANY (sites)), '[]'),
    'stations', coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.station_id, 'siteId', s.site_id, 'number', s.number, 'state', g.state, 'priority', s.priority, 'queue', q.n,
        'perHour', round(s.per_hour::numeric, 1), 'measured', s.measured, 'done', d.n, 'sampler', o.name) ORDER BY s.site_id, s.number)
      FROM surge_station s JOIN sampling_station g ON g.id = s.station_id LEFT JOIN person o ON o.id = g.sampler_id
        CROSS JOIN LATERAL (SELECT count(*) AS n FROM surge_place p WHERE p.station_id = s.station_id AND p.state = 'waiting') q
        CROSS JOIN LATERAL (SELECT count(*) AS n FROM tube_member m WHERE m.station_id = s.station_id AND m.active) d WHERE s.surge_id = u.id), '[]'),
    'places', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM (SELECT state, count(*) AS n FROM surge_place WHERE surge_id = u.id GROUP BY state) x),
    'sampled', (SELECT count(*) FROM test_registration r WHERE r.site_id = ANY (sites) AND r.state = 'sampled'),
    'registered', (SELECT count(*) FROM test_registration r WHERE r.site_id = ANY (sites) AND r.state <> 'cancelled'),
    'tubes', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM (SELECT state, count(*) AS n FROM tube WHERE site_id = ANY (sites) GROUP BY state) x),
    'overdue', (SELECT count(*) FROM tube t WHERE t.site_id = ANY (sites) AND t.state IN ('collecting', 'sealed', 'in-transit') AND t.lab_due_at < now_at),
    'due', (SELECT coalesce(jsonb_agg(jsonb_build_object('hour', x.hour, 'tubes', x.n, 'late', x.late) ORDER BY x.hour), '[]') FROM (
        SELECT date_trunc('hour', t.result_due_at) AS hour, count(*) AS n, count(*) FILTER (WHERE t.result_due_at < now_at) AS late FROM tube t
        WHERE t.site_id = ANY (sites) AND t.count > 0 AND t.state IN ('collecting', 'sealed', 'in-transit', 'received', 'testing') GROUP BY 1) x),
    'recalls', (SELECT count(*) FROM recall c JOIN tube t ON t.id = c.tube_id WHERE t.site_id = ANY (sites) AND c.state IN ('issued', 'told')),
    'moved', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', x.code, 'siteId', x.site_id, 'from', x.was, 'to', x.goes, 'at', x.moved_at) ORDER BY x.moved_at DESC), '[]') FROM (
        SELECT '**' || right(r.code, 3) AS code, p.site_id, f.number AS was, s.number AS goes, p.moved_at FROM surge_place p JOIN test_registration r ON r.id = p.registration_id
          JOIN surge_station s ON s.station_id = p.station_id JOIN surge_station f ON f.station_id = p.moved_from
        WHERE p.surge_id = u.id AND p.state = 'waiting' AND p.moved_at > now_at - interval '10 minutes' ORDER BY p.moved_at DESC LIMIT 12) x)) INTO answer;
  RETURN answer;
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['surge', 'surge_site', 'surge_station', 'surge_place', 'surge_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['surge_site', 'surge_transition'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> ''none'')', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY staff_read ON surge FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY command ON surge FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.commands_surge()));
--> statement-breakpoint
CREATE POLICY command_step ON surge FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.commands_surge()));
--> statement-breakpoint
CREATE POLICY staff_read ON surge_station FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM surge u WHERE u.id = surge_id AND u.institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY own ON surge_place FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY command ON sampling_order FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.commands_surge()));
--> statement-breakpoint
CREATE POLICY command_confirm ON sampling_order FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.commands_surge()));
--> statement-breakpoint
GRANT INSERT ON surge TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, version, closing_by, closing_at, balanced_at) ON surge TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE surge_place_number_seq TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.commands_surge(), app.sees_surge(), app.open_surge(uuid, timestamptz), app.staff_surge(uuid, uuid[], timestamptz), app.my_surge_places(),
  app.surge_move(jsonb, timestamptz), app.surge_call(uuid, integer, timestamptz), app.surge_recount(uuid), app.surge_measure(uuid, integer, integer, timestamptz),
  app.surge_run_out(uuid, timestamptz), app.surge_join(uuid, uuid[], text[], text, date, timestamptz), app.surge_board(uuid, timestamptz) TO yilian_app, yilian_owner;
--> statement-breakpoint
-- A database that is already at work gets the role; an empty one is filled by server/identity.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT 'surge-commander', '大规模采样指挥', 'Surge commander', 'དཔེ་ཚད་ལེན་པ་རྒྱ་ཆེན་གྱི་བཀོད་འདོམས་པ།'
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'surge.command' FROM role WHERE code IN ('surge-commander', 'alliance-administrator', 'health-commission') ON CONFLICT DO NOTHING;
