-- Seams between booking, fever care, sampling and cards: what one knows, the others ask for. Services ask the same
-- questions first; this is the last word.

-- An offer from the waitlist that came before the answers is no way around them: it is confirmed by phone when the
-- block is lifted. Staff may confirm it, as they may book anything else.
CREATE FUNCTION app.fever_first(a appointment, now_at timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT a.offered AND app.kind() = 'patient' AND app.fever_block_until(a.patient_id, now_at) IS NOT NULL
          AND EXISTS (SELECT 1 FROM clinic_schedule c WHERE c.id = a.schedule_id AND c.kind <> 'fever-clinic') $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.confirm_seat(of_appointment uuid, now_at timestamptz) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT app.may_act_for(a.patient_id) THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF a.state IN ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed') THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state <> 'held' THEN RETURN QUERY SELECT false, CASE a.state WHEN 'lapsed' THEN 'lapsed' WHEN 'clinic-stopped' THEN 'stopped' ELSE 'step' END; RETURN; END IF;
  IF a.starts_at <= now_at AND a.channel <> 'window' THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  IF a.offered AND app.fever_first(a, now_at) THEN RETURN QUERY SELECT false, 'fever.booking-replaced'; RETURN; END IF;
  UPDATE seat SET held_until = NULL WHERE segment_id = a.segment_id AND number = a.seat_number AND appointment_id = a.id;
  IF NOT FOUND THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  UPDATE appointment SET state = 'booked', confirmed_at = now_at, held_until = NULL, version = version + 1 WHERE id = a.id;
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.fever_offer_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.fever_first(NEW, NEW.confirmed_at) THEN
    RAISE EXCEPTION 'the fever clinic comes first' USING ERRCODE = 'YL003', CONSTRAINT = 'appointment_fever_block';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_offer_guard BEFORE UPDATE OF state ON appointment FOR EACH ROW
  WHEN (NEW.offered AND OLD.state = 'held' AND NEW.state = 'booked') EXECUTE FUNCTION app.fever_offer_guard();
--> statement-breakpoint
-- Who books for somebody with a block learns which fever clinic is kept for him, also when another one gave the seat.
CREATE FUNCTION app.fever_alternative(of_patient uuid, now_at timestamptz) RETURNS TABLE (institution_id uuid, state text, starts_at timestamptz, held_until timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT a.institution_id, a.state::text, a.starts_at, a.held_until FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id
        WHERE a.patient_id = of_patient AND c.kind = 'fever-clinic' AND a.ends_at > now_at
          AND (a.state = 'booked' OR (a.state = 'held' AND a.held_until > now_at))
          AND app.kind() = 'staff' AND (app.sees_fever_patient(of_patient)
            OR (app.may_see_patient(of_patient) AND (app.holds('booking.assist') OR app.holds('booking.clinic') OR app.fever_staff())))
        ORDER BY a.starts_at LIMIT 1 $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.guard_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t tube; c recall;
BEGIN
  SELECT * INTO t FROM tube WHERE id = coalesce(NEW.tube_id, OLD.tube_id) FOR UPDATE;
  IF TG_OP = 'UPDATE' THEN
    IF t.state <> 'void' OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['active'] OR NEW.active THEN
      RAISE EXCEPTION 'what was sampled stands' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_sealed_fixed';
    END IF;
    RETURN NEW;
  END IF;
  IF t.state NOT IN ('open', 'collecting') THEN
    RAISE EXCEPTION 'the tube is %', t.state USING ERRCODE = 'YL001', CONSTRAINT = 'tube_sealed_fixed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF t.count >= t.size THEN
    RAISE EXCEPTION 'the tube is full' USING ERRCODE = '23514', CONSTRAINT = 'tube_member_fits';
  END IF;
  NEW.size := t.size;
  NEW.station_id := t.station_id;
  NEW.active := true;
  SELECT r.purpose INTO NEW.purpose FROM test_registration r WHERE r.id = NEW.registration_id;
  SELECT coalesce(min(n), t.size + 1) INTO NEW.position FROM generate_series(1, t.size::integer) n
    WHERE NOT EXISTS (SELECT 1 FROM tube_member m WHERE m.tube_id = t.id AND m.position = n);
  SELECT * INTO c FROM recall WHERE patient_id = NEW.patient_id AND state IN ('issued', 'told') ORDER BY single DESC, issued_at LIMIT 1;
  NEW.recall_id := c.id;
  NEW.recall_single := c.single;
  -- Others' swabs are not put into a tube that is kept for a re-test, nor is a re-test without a recall.
  IF t.retest AND c.id IS NULL THEN
    RAISE EXCEPTION 'nobody recalled this person' USING ERRCODE = '23514', CONSTRAINT = 'tube_member_recall_single';
  END IF;
  -- Fever patients are never pooled, whatever they were registered for.
  IF t.size > 1 AND app.has_fever_visit(NEW.patient_id, NEW.sampled_at) THEN
    RAISE EXCEPTION 'a fever patient is alone in a tube' USING ERRCODE = '23514', CONSTRAINT = 'tube_member_fever_single';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- The fever desk takes its own swabs, at its own place, and nowhere else.
CREATE OR REPLACE FUNCTION app.may_collect(site uuid, at_time timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR site = ANY (app.my_sites())
          OR (app.fever_staff() AND EXISTS (SELECT 1 FROM sampling_site s WHERE s.id = site AND s.purpose = 'fever' AND s.institution_id = app.institution())) OR (app.holds('sampling.collect') AND EXISTS (
          SELECT 1 FROM sampling_duty d JOIN sampling_site s ON s.id = d.site_id WHERE d.person_id = app.person() AND d.site_id = site
            AND s.institution_id = app.institution() AND d.started_at <= at_time AND coalesce(d.ended_at, at_time) >= at_time)) $$;
--> statement-breakpoint
-- Whether the person of a visit is alone in this tube: opened, sampled and sealed in one step, so that the laboratory
-- gets it like every other tube. A code that is none of ours stays what it is: a number of another laboratory.
-- Problems: tube-format, tube-foreign, tube-used, single-only, and those of app.sample_person.
CREATE FUNCTION app.take_fever_sample(of_visit uuid, of_code text, with_code text, on_day date, now_at timestamptz) RETURNS TABLE (tube_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE v fever_visit; at_site uuid; at_station uuid; reg record; answer jsonb; t tube; n integer;
BEGIN
  SELECT * INTO v FROM fever_visit WHERE id = of_visit AND institution_id = app.institution();
  IF NOT FOUND OR NOT (app.holds('fever.triage') OR app.holds('fever.see')) THEN RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN; END IF;
  IF of_code !~ '^YT' THEN RETURN QUERY SELECT NULL::uuid, NULL::text; RETURN; END IF;
  IF app.tube_serial(of_code) IS NULL THEN RETURN QUERY SELECT NULL::uuid, 'tube-format'; RETURN; END IF;
  IF substr(of_code, 3, 2) <> '01' THEN RETURN QUERY SELECT NULL::uuid, 'single-only'; RETURN; END IF;
  -- One place of its own per fever clinic, made with its first tube; its swabs go where the house's others go.
  PERFORM pg_advisory_xact_lock(hashtextextended('fever-site:' || v.institution_id, 9));
  SELECT s.id INTO at_site FROM sampling_site s WHERE s.institution_id = v.institution_id AND s.purpose = 'fever' AND s.schedule_id IS NULL AND s.closes_at IS NULL
    ORDER BY s.created_at LIMIT 1;
  IF at_site IS NULL THEN
    INSERT INTO sampling_site (institution_id, name_zh, name_en, name_bo, place, opens_at, purpose, pool_size, laboratory_id, fever_place)
      SELECT f.institution_id, '发热门诊采样', 'Fever clinic sampling', 'ཚ་བའི་སྨན་ཁང་གི་དཔེ་ཚད་ལེན་ས།', f.entrance_zh, now_at, 'fever', 1,
        coalesce((SELECT s.laboratory_id FROM sampling_site s WHERE s.institution_id = f.institution_id ORDER BY s.created_at LIMIT 1), f.institution_id), f.entrance_zh
      FROM fever_site f WHERE f.institution_id = v.institution_id RETURNING id INTO at_site;
  END IF;
  INSERT INTO sampling_station (site_id, number) VALUES (at_site, 1) ON CONFLICT DO NOTHING;
  SELECT g.id INTO at_station FROM sampling_station g WHERE g.site_id = at_site AND g.number = 1;
  answer := app.open_tube(jsonb_build_object('tube', of_code, 'station', at_station, 'purpose', 'fever'), now_at);
  IF answer ->> 'problem' IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, answer ->> 'problem'; RETURN; END IF;
  -- Who was expected at an ordinary table today was led to the fever clinic instead.
  UPDATE test_registration r SET state = 'led-away', led_away_at = now_at, version = r.version + 1
    WHERE r.patient_id = v.patient_id AND r.day = on_day AND r.state IN ('registered', 'waiting') AND r.site_id <> at_site;
  SELECT * INTO reg FROM app.register_test(v.patient_id, at_site, 'fever', NULL, 'walk-in', NULL, with_code, on_day, now_at);
  IF reg.registration_id IS NULL THEN RETURN QUERY SELECT NULL::uuid, coalesce(reg.problem, 'not-allowed'); RETURN; END IF;
  SELECT * INTO t FROM tube WHERE code = of_code;
  answer := app.sample_person(t, reg.registration_id, app.person(), now_at);
  IF answer ->> 'problem' IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, answer ->> 'problem'; RETURN; END IF;
  UPDATE tube u SET state = 'sealed', sealed_at = now_at, sealed_by = app.person(), version = u.version + 1 WHERE u.id = t.id;
  RETURN QUERY SELECT t.id, NULL::text;
END $$;
--> statement-breakpoint
-- What the laboratory says of the swab of a visit: a positive when it is released, as everywhere; again: another swab.
CREATE FUNCTION app.fever_sample_result(of_tube uuid) RETURNS TABLE (says text, at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE r.result WHEN 'negative' THEN 'negative' WHEN 'positive' THEN 'positive' ELSE 'again' END, coalesce(p.released_at, r.reported_at)
        FROM lab_result r LEFT JOIN person_result p ON p.lab_result_id = r.id AND p.withdrawn_at IS NULL
        WHERE r.tube_id = of_tube AND NOT EXISTS (SELECT 1 FROM lab_result n WHERE n.replaces_id = r.id) AND (r.result <> 'positive' OR p.released_at IS NOT NULL)
          AND EXISTS (SELECT 1 FROM fever_visit v WHERE v.sample_id = of_tube AND app.sees_fever_visit(v.id)) $$;
--> statement-breakpoint
CREATE FUNCTION app.tell_fever_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO outbox_event (topic, entity_id, version, institution_ids) SELECT 'fever', v.id::text, v.version, ARRAY[v.institution_id]
    FROM fever_visit v WHERE v.sample_id = NEW.tube_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE INDEX fever_visit_sample ON fever_visit (sample_id) WHERE sample_id IS NOT NULL;
--> statement-breakpoint
CREATE TRIGGER lab_result_fever AFTER INSERT ON lab_result FOR EACH ROW EXECUTE FUNCTION app.tell_fever_visit();
--> statement-breakpoint
CREATE TRIGGER person_result_fever AFTER UPDATE OF released_at ON person_result FOR EACH ROW
  WHEN (OLD.released_at IS NULL AND NEW.released_at IS NOT NULL) EXECUTE FUNCTION app.tell_fever_visit();
--> statement-breakpoint
-- A window prints the card of somebody without a phone: what was released, nothing that is waited for.
CREATE FUNCTION app.printable_results(of_patient uuid, since timestamptz) RETURNS TABLE (id uuid, patient_id uuid, state text, sampled_at timestamptz, due_at timestamptz,
    released_at timestamptz, place text, laboratory_id uuid, may_have_card boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT r.id, r.patient_id, r.result::text, r.sampled_at, NULL::timestamptz, r.released_at, s.name_zh, t.laboratory_id, NOT app.recalled_alone(r.patient_id)
    FROM person_result r JOIN tube t ON t.id = r.tube_id JOIN sampling_site s ON s.id = t.site_id
    WHERE r.patient_id = of_patient AND app.holds('card.print') AND app.may_see_patient(of_patient) AND r.released_at IS NOT NULL AND r.withdrawn_at IS NULL AND r.sampled_at >= since $$;
--> statement-breakpoint
CREATE POLICY window_see ON health_card FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('card.print')) AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY window_issue ON health_card FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('card.print')) AND app.may_see_patient(patient_id));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.fever_first(appointment, timestamptz), app.fever_offer_guard(), app.fever_alternative(uuid, timestamptz),
  app.take_fever_sample(uuid, text, text, date, timestamptz), app.fever_sample_result(uuid), app.tell_fever_visit(), app.printable_results(uuid, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.fever_alternative(uuid, timestamptz), app.take_fever_sample(uuid, text, text, date, timestamptz),
  app.fever_sample_result(uuid), app.printable_results(uuid, timestamptz) TO yilian_app, yilian_owner;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'card.print' FROM role WHERE code IN ('community-doctor', 'nurse') ON CONFLICT DO NOTHING;
