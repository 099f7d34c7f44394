-- Callers who wait for a place without staying on the line, versions of the hotline's questions, people whom a testing
-- site leads to a fever desk, and names that an administrator may mend. The services ask the same questions first.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['caller_wait', 'hotline_question_set', 'fever_announcement'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE caller_wait ADD CONSTRAINT caller_wait_segment FOREIGN KEY (segment_id) REFERENCES segment (id),
  ADD CONSTRAINT caller_wait_appointment FOREIGN KEY (appointment_id) REFERENCES appointment (id);
--> statement-breakpoint
-- Whom the operator has on the line, with the questions asked and the patient's word heard: the same as for a booking.
CREATE FUNCTION app.hotline_cleared(of_patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM hotline_call c WHERE c.holder_id = app.person() AND c.institution_id = app.institution()
          AND c.state = 'open' AND c.patient_id = of_patient AND c.consent_at IS NOT NULL AND c.screened_at IS NOT NULL
          AND (NOT c.flagged OR (c.taken_over_by = app.person() AND app.holds('hotline.triage')))) $$;
--> statement-breakpoint
CREATE FUNCTION app.is_place_of(place uuid, of_room uuid, of_patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM release_place p WHERE p.id = place AND p.room_id = of_room AND p.patient_id = of_patient) $$;
--> statement-breakpoint
CREATE POLICY see ON caller_wait FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (SELECT app.holds('booking.assist')));
--> statement-breakpoint
CREATE POLICY ask ON caller_wait FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND asked_by = (SELECT app.person())
  AND (SELECT app.holds('booking.assist')) AND state = 'waiting' AND app.hotline_cleared(patient_id) AND app.is_place_of(place_id, room_id, patient_id));
--> statement-breakpoint
CREATE POLICY withdraw ON caller_wait FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.assist')))
  WITH CHECK (state = 'withdrawn');
--> statement-breakpoint
GRANT INSERT ON caller_wait TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, ended_at, appointment_id) ON caller_wait TO yilian_app;
--> statement-breakpoint
CREATE FUNCTION app.guard_caller_wait() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.state <> 'waiting' THEN
    RAISE EXCEPTION 'what came of it stands' USING ERRCODE = 'YL001', CONSTRAINT = 'caller_wait_over';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER caller_wait_guard BEFORE UPDATE ON caller_wait FOR EACH ROW EXECUTE FUNCTION app.guard_caller_wait();
--> statement-breakpoint
-- Callers whose turn it is, and those for whom nothing is left.
CREATE FUNCTION app.callers_due(now_at timestamptz) RETURNS TABLE (id uuid, turn boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT w.id, coalesce(p.admitted_until > now_at, false) OR (r.closed_at IS NOT NULL AND r.sold_out_at IS NULL)
          FROM caller_wait w LEFT JOIN release_place p ON p.id = w.place_id LEFT JOIN release_room r ON r.id = w.room_id
          WHERE w.state = 'waiting' AND app.internal() AND (p.id IS NULL OR p.admitted_until IS NOT NULL OR r.closed_at IS NOT NULL OR r.release_at + interval '1 hour' <= now_at) $$;
--> statement-breakpoint
-- Take the seat for a caller whose turn it is: what was agreed to, else the nearest time of the same clinic and day
-- when that was agreed to as well. Hold and confirmation are those of everybody; the admission is used up.
CREATE FUNCTION app.take_for_caller(of_wait uuid, with_code text, now_at timestamptz) RETURNS TABLE (appointment_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE w caller_wait; s segment; h record; c record; candidate uuid; said text := 'full';
BEGIN
  IF NOT app.internal() THEN RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN; END IF;
  SELECT * INTO w FROM caller_wait WHERE id = of_wait AND state = 'waiting' FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, 'gone'; RETURN; END IF;
  IF NOT EXISTS (SELECT 1 FROM app.callers_due(now_at) d WHERE d.id = w.id AND d.turn) THEN RETURN QUERY SELECT NULL::uuid, 'waiting-room'; RETURN; END IF;
  SELECT * INTO s FROM segment WHERE id = w.segment_id;
  FOR candidate IN SELECT g.id FROM segment g WHERE g.schedule_id = s.schedule_id AND g.day = s.day AND (g.id = s.id OR w.any_time) AND g.stopped_at IS NULL AND g.starts_at > now_at
      ORDER BY g.id <> s.id, abs(extract(epoch FROM g.starts_at - s.starts_at)), g.starts_at LOOP
    SELECT * INTO h FROM app.hold_seat(candidate, w.patient_id, 'hotline', w.relation, with_code, now_at);
    IF h.problem IS NULL THEN
      SELECT * INTO c FROM app.confirm_seat(h.appointment_id, now_at);
      IF NOT c.done THEN RETURN QUERY SELECT NULL::uuid, c.problem; RETURN; END IF;
      UPDATE appointment SET booked_by_person_id = w.asked_by WHERE id = h.appointment_id;
      UPDATE release_place SET used_at = now_at WHERE id = w.place_id AND used_at IS NULL;
      UPDATE caller_wait SET state = 'booked', appointment_id = h.appointment_id, ended_at = now_at WHERE id = w.id;
      RETURN QUERY SELECT h.appointment_id, NULL::text; RETURN;
    END IF;
    said := h.problem;
    EXIT WHEN h.problem NOT IN ('full', 'stopped', 'over', 'not-released');
  END LOOP;
  RETURN QUERY SELECT NULL::uuid, said;
END $$;
--> statement-breakpoint
-- The questions of before become their versions.
INSERT INTO hotline_question_set (version, valid_from, state, questions, source, recalled, starter)
  SELECT row_number() OVER (ORDER BY valid_from), valid_from, 'published',
    jsonb_agg(jsonb_build_object('zh', zh, 'en', en, 'bo', bo, 'yesRoute', yes_route) ORDER BY position), min(source), bool_or(source LIKE '%(m)%'), true
  FROM hotline_question GROUP BY valid_from HAVING count(*) BETWEEN 3 AND 6;
--> statement-breakpoint
CREATE FUNCTION app.guard_hotline_set() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'draft' OR NEW.starter OR NEW.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a version begins as a draft of its author' USING ERRCODE = '42501', CONSTRAINT = 'hotline_set_author';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'published' OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['state', 'published_by', 'published_at'] THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_set_stands';
  END IF;
  IF app.kind() = 'staff' AND NEW.published_by IS DISTINCT FROM app.person() THEN
    RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'hotline_set_publisher';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER hotline_set_guard BEFORE INSERT OR UPDATE ON hotline_question_set FOR EACH ROW EXECUTE FUNCTION app.guard_hotline_set();
--> statement-breakpoint
CREATE POLICY everyone_reads ON hotline_question_set FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY write_rules ON hotline_question_set TO yilian_app USING ((SELECT app.holds('hotline.rules'))) WITH CHECK ((SELECT app.holds('hotline.rules')));
--> statement-breakpoint
GRANT INSERT ON hotline_question_set TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, published_by, published_at) ON hotline_question_set TO yilian_app;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'hotline.rules' FROM role WHERE code IN ('nurse', 'community-doctor', 'fever-doctor') ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- Somebody with a fever at a testing site, by its sampler, with the person's word: the house's own fever desk, or the nearest.
CREATE FUNCTION app.announce_fever(of_registration uuid, words text, now_at timestamptz) RETURNS TABLE (id uuid, institution_id uuid, patient_id uuid, fresh boolean)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE r test_registration; s sampling_site; desk uuid; made uuid; known fever_announcement;
BEGIN
  SELECT * INTO r FROM test_registration q WHERE q.id = of_registration AND q.state = 'led-away';
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO s FROM sampling_site x WHERE x.id = r.site_id;
  IF NOT app.may_collect(s.id, now_at) OR app.person() IS NULL THEN RETURN; END IF;
  SELECT f.institution_id INTO desk FROM fever_site f JOIN institution i ON i.id = f.institution_id
    LEFT JOIN institution own ON own.id = s.institution_id
    ORDER BY f.institution_id = s.institution_id DESC,
      power(i.latitude - coalesce(s.latitude, own.latitude), 2) + power((i.longitude - coalesce(s.longitude, own.longitude)) * cos(radians(i.latitude)), 2) NULLS LAST, i.slug LIMIT 1;
  IF desk IS NULL THEN RETURN; END IF;
  UPDATE fever_announcement a SET ended_at = now_at WHERE a.institution_id = desk AND a.patient_id = r.patient_id AND a.ended_at IS NULL
    AND a.announced_at < now_at - interval '12 hours';
  INSERT INTO fever_announcement (institution_id, patient_id, from_institution_id, from_zh, from_en, from_bo, registration_id, announced_by, announced_at, consent_words)
    VALUES (desk, r.patient_id, s.institution_id, s.name_zh, s.name_en, s.name_bo, r.id, app.person(), now_at, words)
    ON CONFLICT (institution_id, patient_id) WHERE ended_at IS NULL DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN
    SELECT * INTO known FROM fever_announcement a WHERE a.institution_id = desk AND a.patient_id = r.patient_id AND a.ended_at IS NULL;
    RETURN QUERY SELECT known.id, desk, r.patient_id, false; RETURN;
  END IF;
  RETURN QUERY SELECT made, desk, r.patient_id, true;
END $$;
--> statement-breakpoint
-- Back in the line of the testing site: nobody is expected at the desk any more.
CREATE FUNCTION app.end_fever_announcement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE fever_announcement SET ended_at = clock_timestamp() WHERE registration_id = NEW.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER led_away_no_more AFTER UPDATE OF state ON test_registration FOR EACH ROW
  WHEN (OLD.state = 'led-away' AND NEW.state <> 'led-away') EXECUTE FUNCTION app.end_fever_announcement();
--> statement-breakpoint
CREATE POLICY see ON fever_announcement FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.fever_staff()));
--> statement-breakpoint
CREATE POLICY come ON fever_announcement FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('fever.triage')));
--> statement-breakpoint
GRANT UPDATE (ended_at, visit_id) ON fever_announcement TO yilian_app;
--> statement-breakpoint
-- Who was announced is the desk's to see until he has come, or for half a day.
CREATE OR REPLACE FUNCTION app.sees_fever_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.fever_staff() AND (
          EXISTS (SELECT 1 FROM fever_visit v WHERE v.patient_id = patient AND v.institution_id = app.institution())
          OR EXISTS (SELECT 1 FROM fever_visit v JOIN fever_transfer t ON t.visit_id = v.id WHERE v.patient_id = patient
               AND t.to_institution_id = app.institution() AND t.departed_at IS NOT NULL)
          OR EXISTS (SELECT 1 FROM fever_announcement n WHERE n.patient_id = patient AND n.institution_id = app.institution() AND n.ended_at IS NULL)
          OR EXISTS (SELECT 1 FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id WHERE a.patient_id = patient
               AND a.institution_id = app.institution() AND c.kind = 'fever-clinic' AND a.state NOT IN ('held', 'lapsed', 'cancelled'))) $$;
--> statement-breakpoint
-- Names in the other languages, mended by the administrator of the house or of its alliance. The Chinese name is the official one.
CREATE FUNCTION app.names_of(house uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.holds('directory.manage') AND (house = app.institution() OR EXISTS (SELECT 1 FROM alliance_member o JOIN alliance_member m
          ON m.alliance_id = o.alliance_id WHERE o.institution_id = app.institution() AND m.institution_id = house)) $$;
--> statement-breakpoint
-- Only the names: everything else of these rows is changed by whom it was before. False where it is not theirs.
CREATE FUNCTION app.set_names(of_kind text, of_id uuid, name_in_en text, name_in_bo text, place_in_en text, place_in_bo text, fever_in_en text, fever_in_bo text) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE house uuid; lang text; words text;
BEGIN
  house := CASE of_kind WHEN 'institution' THEN of_id WHEN 'department' THEN (SELECT institution_id FROM department WHERE id = of_id)
    WHEN 'clinic' THEN (SELECT institution_id FROM clinic_schedule WHERE id = of_id) WHEN 'site' THEN (SELECT institution_id FROM sampling_site WHERE id = of_id)
    WHEN 'title' THEN (SELECT o.institution_id FROM practitioner_post o WHERE o.person_id = of_id ORDER BY app.names_of(o.institution_id) DESC LIMIT 1) END;
  IF house IS NULL OR NOT app.names_of(house) THEN RETURN NULL; END IF;
  IF of_kind = 'institution' THEN
    FOR lang, words IN VALUES ('en', name_in_en), ('bo', name_in_bo) LOOP
      DELETE FROM institution_name n WHERE n.institution_id = of_id AND n.language = lang AND n.position = (SELECT min(position) FROM institution_name m WHERE m.institution_id = of_id AND m.language = lang);
      IF words IS NOT NULL THEN INSERT INTO institution_name (institution_id, language, name, position) VALUES (of_id, lang, words, 0) ON CONFLICT DO NOTHING; END IF;
    END LOOP;
  ELSIF of_kind = 'department' THEN UPDATE department SET name_en = name_in_en, name_bo = name_in_bo WHERE id = of_id;
  ELSIF of_kind = 'clinic' THEN UPDATE clinic_schedule SET name_en = coalesce(name_in_en, name_en), name_bo = name_in_bo, place_en = place_in_en, place_bo = place_in_bo WHERE id = of_id;
  ELSIF of_kind = 'site' THEN UPDATE sampling_site SET name_en = coalesce(name_in_en, name_en), name_bo = name_in_bo, place_en = place_in_en, place_bo = place_in_bo,
    fever_place_en = fever_in_en, fever_place_bo = fever_in_bo WHERE id = of_id;
  ELSE UPDATE practitioner SET title_en = name_in_en, title_bo = name_in_bo WHERE person_id = of_id; END IF;
  RETURN house;
END $$;
--> statement-breakpoint
CREATE POLICY name_site ON sampling_site FOR SELECT TO yilian_app USING (app.names_of(institution_id));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.hotline_cleared(uuid), app.is_place_of(uuid, uuid, uuid), app.guard_caller_wait(), app.callers_due(timestamptz),
  app.take_for_caller(uuid, text, timestamptz), app.guard_hotline_set(), app.announce_fever(uuid, text, timestamptz), app.end_fever_announcement(), app.names_of(uuid), app.set_names(text, uuid, text, text, text, text, text, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.hotline_cleared(uuid), app.is_place_of(uuid, uuid, uuid), app.guard_caller_wait(), app.callers_due(timestamptz),
  app.take_for_caller(uuid, text, timestamptz), app.guard_hotline_set(), app.announce_fever(uuid, text, timestamptz), app.end_fever_announcement(), app.names_of(uuid), app.set_names(text, uuid, text, text, text, text, text, text) TO yilian_app, yilian_owner;
