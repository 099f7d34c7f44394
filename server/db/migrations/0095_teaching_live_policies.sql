-- The running side of a broadcast: one timeline that nobody changes, written through one function that asks whether this
-- actor may write this. The services ask the same first.

-- Whether somebody may know what was said and shown: as long as it runs whoever may watch; afterwards nobody who only
-- listened once the patient took the teaching consent back.
CREATE FUNCTION app.teaching_hears(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.teaching_may_watch(of_session) AND EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = of_session
          AND (s.withheld_at IS NULL OR s.state = 'live'))) $$;
--> statement-breakpoint
-- Presenter and co-host: begin, lead, hand over, end.
CREATE FUNCTION app.teaching_leads(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR 'presenter' = ANY (app.teaching_sides(of_session)) $$;
--> statement-breakpoint
-- Who writes which kind of entry. A listener on the stage speaks; the slides stay with those who were planned.
CREATE FUNCTION app.teaching_may_write(of_session uuid, what text, content jsonb) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND CASE
          WHEN what IN ('chat', 'hand-raised') OR (what = 'notice' AND content ->> 'code' = 'cannot-hear') THEN app.teaching_may_watch(of_session)
          WHEN what IN ('slide', 'still', 'case-item', 'stroke', 'erase', 'clear')
            THEN app.teaching_leads(of_session) OR app.teaching_speaks(of_session) = 'panel'
          WHEN what = 'caption' THEN app.teaching_leads(of_session) OR app.teaching_speaks(of_session) = 'interpreter'
          WHEN what = 'hand-lowered' THEN app.teaching_leads(of_session) OR EXISTS (SELECT 1 FROM teaching_hand h
            WHERE h.session_id = of_session AND h.seq = (content ->> 'of')::integer AND h.person_id = app.person())
          WHEN what = 'stage-joined' THEN app.teaching_leads(of_session)
            OR (content ->> 'personId' = app.person()::text AND app.teaching_speaks(of_session) IS NOT NULL AND content ->> 'role' = app.teaching_speaks(of_session)::text)
          WHEN what = 'stage-left' THEN app.teaching_leads(of_session) OR content ->> 'personId' = app.person()::text
          WHEN what IN ('went-live', 'interrupted', 'resumed', 'ended', 'chat-removed', 'pin', 'unpin', 'poll-opened', 'poll-closed', 'poll-results', 'handover')
            THEN app.teaching_leads(of_session)
          ELSE false END) $$;
--> statement-breakpoint
-- Seconds between two lines of a listener while the chat is flooded; the steps of live-domain.ts, a test compares.
CREATE FUNCTION app.teaching_slow_seconds(per_second double precision, as_of smallint) RETURNS smallint LANGUAGE sql IMMUTABLE
  AS $$ SELECT coalesce((SELECT s.seconds::smallint FROM (VALUES (60, 45), (20, 20), (5, 8)) AS s (least, seconds)
          WHERE per_second >= CASE WHEN s.seconds <= as_of THEN s.least / 2.0 ELSE s.least END ORDER BY s.least DESC LIMIT 1), 0::smallint) $$;
--> statement-breakpoint
-- The one pen: the next number, the entry, and a word to every replica. The caller has asked whether it may be written.
CREATE FUNCTION app.teaching_pen(of_session uuid, what teaching_entry_kind, content jsonb, client uuid, only_stage boolean, by_name text, by_org text, now_at timestamptz)
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE number integer;
BEGIN
  UPDATE teaching_live SET last_seq = last_seq + 1 WHERE session_id = of_session RETURNING last_seq INTO number;
  INSERT INTO teaching_entry (session_id, seq, at, kind, author_id, author_name, author_org, data, client_id, stage_only, rehearsal)
    SELECT of_session, number, now_at, what, CASE WHEN by_name IS NULL THEN NULL ELSE app.person() END, by_name, by_org, content, client, only_stage, l.rehearsal
    FROM teaching_live l WHERE l.session_id = of_session;
  PERFORM pg_notify('yilian_teaching', 'e:' || of_session);
  RETURN number;
END $$;
--> statement-breakpoint
-- One entry of whoever acts. problem: gone, stage-only, not-live, too-fast (with the seconds to wait), no-hand, no-line.
CREATE FUNCTION app.teaching_write(of_session uuid, what teaching_entry_kind, content jsonb, client uuid, now_at timestamptz)
  RETURNS TABLE (seq integer, problem text, seconds integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE l teaching_live; s teaching_session; p teaching_live_policy; number integer; who record; line record; last_at timestamptz; pause integer; slow smallint; rate double precision; data jsonb := content;
BEGIN
  SELECT * INTO s FROM teaching_session t WHERE t.id = of_session;
  IF NOT FOUND OR NOT app.teaching_may_see(of_session) THEN RETURN QUERY SELECT NULL::integer, 'gone', NULL::integer; RETURN; END IF;
  IF NOT app.teaching_may_write(of_session, what::text, content) THEN
    RETURN QUERY SELECT NULL::integer, CASE WHEN app.teaching_may_watch(of_session) THEN 'stage-only' ELSE 'gone' END, NULL::integer; RETURN;
  END IF;
  SELECT * INTO l FROM teaching_live t WHERE t.session_id = of_session FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT (s.state = 'live' OR l.rehearsal) THEN RETURN QUERY SELECT NULL::integer, 'not-live', NULL::integer; RETURN; END IF;
  IF client IS NOT NULL THEN
    SELECT e.seq INTO number FROM teaching_entry e WHERE e.session_id = of_session AND e.author_id = app.person() AND e.client_id = client;
    IF FOUND THEN RETURN QUERY SELECT number, NULL::text, NULL::integer; RETURN; END IF;
  END IF;
  IF app.kind() = 'staff' THEN
    SELECT d.name, d.org INTO who FROM teaching_device d WHERE d.session_id = of_session AND d.person_id = app.person() ORDER BY d.seen_at DESC LIMIT 1;
    IF NOT FOUND THEN SELECT n.name, ''::text AS org INTO who FROM person n WHERE n.id = app.person(); END IF;
  ELSE
    SELECT NULL::text AS name, NULL::text AS org INTO who;
  END IF;
  IF what = 'chat' AND app.kind() = 'staff' THEN
    SELECT * INTO p FROM teaching_live_policy t WHERE t.institution_id = s.institution_id;
    -- An average over ten seconds, of what is sent, refused or not: what is held back must not look like quiet.
    rate := l.chat_rate * exp(-greatest(0, extract(epoch FROM now_at - coalesce(l.chat_rate_at, now_at))) / 10.0) + 0.1;
    slow := CASE WHEN coalesce(p.slow_mode, true) THEN app.teaching_slow_seconds(rate, l.slow_seconds) ELSE 0 END;
    UPDATE teaching_live t SET chat_rate = rate, chat_rate_at = now_at, slow_seconds = slow WHERE t.session_id = of_session;
    IF slow <> l.slow_seconds THEN
      PERFORM app.teaching_pen(of_session, 'notice', jsonb_build_object('code', CASE WHEN slow = 0 THEN 'slow-mode-over' ELSE 'slow-mode' END, 'seconds', slow),
        NULL, false, NULL, NULL, now_at);
    END IF;
    IF app.teaching_speaks(of_session) IS NULL THEN
      pause := greatest(coalesce(p.chat_seconds, 2), slow);
      SELECT e.at INTO last_at FROM teaching_entry e WHERE e.session_id = of_session AND e.author_id = app.person() AND e.kind = 'chat' AND e.at > now_at - make_interval(secs => pause)
        ORDER BY e.seq DESC LIMIT 1;
      IF FOUND THEN
        RETURN QUERY SELECT NULL::integer, 'too-fast', greatest(1, ceil(extract(epoch FROM last_at + make_interval(secs => pause) - now_at))::integer); RETURN;
      END IF;
    END IF;
  ELSIF what = 'hand-raised' THEN
    SELECT h.seq INTO number FROM teaching_hand h WHERE h.session_id = of_session AND h.person_id = app.person() AND h.lowered_at IS NULL;
    IF FOUND THEN RETURN QUERY SELECT number, NULL::text, NULL::integer; RETURN; END IF;
    IF NOT EXISTS (SELECT 1 FROM teaching_device d WHERE d.session_id = of_session AND d.person_id = app.person() AND d.device_id = (content ->> 'deviceId')::uuid) THEN
      RETURN QUERY SELECT NULL::integer, 'gone', NULL::integer; RETURN;
    END IF;
    data := content - 'deviceId';
  ELSIF what = 'hand-lowered' THEN
    UPDATE teaching_hand h SET lowered_at = now_at WHERE h.session_id = of_session AND h.seq = (content ->> 'of')::integer AND h.lowered_at IS NULL;
    -- Lowered before: as it was wished.
    IF NOT FOUND THEN RETURN QUERY SELECT l.last_seq, NULL::text, NULL::integer; RETURN; END IF;
    IF NOT app.teaching_leads(of_session) THEN data := data || '{"reason": "own"}'; END IF;
  ELSIF what IN ('pin', 'chat-removed', 'unpin') THEN
    SELECT e.data ->> 'text' AS words, e.author_id, e.author_name, e.author_org INTO line FROM teaching_entry e
      WHERE e.session_id = of_session AND e.seq = (content ->> 'of')::integer AND e.kind = 'chat';
    IF NOT FOUND THEN RETURN QUERY SELECT NULL::integer, 'no-line', NULL::integer; RETURN; END IF;
    IF what = 'pin' THEN
      data := jsonb_build_object('of', content -> 'of', 'text', line.words, 'by', CASE WHEN line.author_id IS NULL THEN NULL
        ELSE jsonb_build_object('id', line.author_id, 'name', line.author_name, 'org', line.author_org) END);
    END IF;
  ELSIF what = 'notice' AND app.kind() = 'staff' THEN
    -- Pressed again and again it is said once in half a minute.
    SELECT e.seq INTO number FROM teaching_entry e WHERE e.session_id = of_session AND e.author_id = app.person() AND e.kind = 'notice' AND e.at > now_at - interval '30 seconds'
      ORDER BY e.seq DESC LIMIT 1;
    IF FOUND THEN RETURN QUERY SELECT number, NULL::text, NULL::integer; RETURN; END IF;
  END IF;
  number := app.teaching_pen(of_session, what, data, client, what = 'notice' AND content ->> 'code' = 'cannot-hear', who.name, who.org, now_at);
  IF what = 'hand-raised' THEN
    INSERT INTO teaching_hand (session_id, seq, person_id, device_id, language, raised_at)
      VALUES (of_session, number, app.person(), (content ->> 'deviceId')::uuid, (content ->> 'language')::teaching_language, now_at);
  END IF;
  RETURN QUERY SELECT number, NULL::text, NULL::integer;
END $$;
--> statement-breakpoint
-- What happened after an entry, for whoever may know: asked once, not for each row.
CREATE FUNCTION app.teaching_entries(of_session uuid, after_seq integer, most integer, kinds teaching_entry_kind[]) RETURNS SETOF teaching_entry
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE all_of_it boolean := app.teaching_leads(of_session) OR app.teaching_speaks(of_session) IS NOT NULL;
BEGIN
  IF NOT app.teaching_hears(of_session) THEN RETURN; END IF;
  RETURN QUERY SELECT * FROM teaching_entry e WHERE e.session_id = of_session AND e.seq > after_seq AND (kinds IS NULL OR e.kind = ANY (kinds))
    AND (all_of_it OR NOT e.stage_only) ORDER BY e.seq LIMIT most;
END $$;
--> statement-breakpoint
-- Whoever sent an item of a batch becomes the actor of the statements that follow.
CREATE FUNCTION app.teaching_act_as(item jsonb) RETURNS void LANGUAGE sql SET search_path = public, app, pg_temp AS $$
  SELECT set_config('yilian.kind', 'staff', true), set_config('yilian.person', item ->> 'person', true), set_config('yilian.institution', item ->> 'institution', true),
    set_config('yilian.consult', '', true), set_config('yilian.phone_index', '', true),
    set_config('yilian.actor_key', 'staff:' || (item ->> 'person') || '@' || (item ->> 'institution'), true) $$;
--> statement-breakpoint
-- Entries of many people in one statement and one commit, each judged by itself. Items: {person, institution, session, kind, data, client}.
CREATE FUNCTION app.teaching_write_many(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; w record;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    PERFORM app.teaching_act_as(item);
    SELECT * INTO w FROM app.teaching_write((item ->> 'session')::uuid, (item ->> 'kind')::teaching_entry_kind, item -> 'data', (item ->> 'client')::uuid, now_at);
    place := i; problem := w.problem; answer := jsonb_build_object('seq', w.seq, 'seconds', w.seconds);
    RETURN NEXT;
    i := i + 1;
  END LOOP;
END $$;
--> statement-breakpoint
-- One answer per person, or the hands counted in front of a screen; changed until the question is closed. problem: gone, closed, choice.
CREATE FUNCTION app.teaching_answer(of_poll uuid, device uuid, chosen smallint[], hands smallint[], now_at timestamptz) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE q teaching_poll; d teaching_device;
BEGIN
  -- Held until this commits: whoever closes it waits, and then counts this answer too.
  SELECT * INTO q FROM teaching_poll p WHERE p.id = of_poll FOR SHARE;
  IF NOT FOUND OR q.opened_at IS NULL OR app.kind() <> 'staff' OR NOT app.teaching_may_watch(q.session_id) THEN RETURN 'gone'; END IF;
  SELECT * INTO d FROM teaching_device t WHERE t.session_id = q.session_id AND t.device_id = device AND t.person_id = app.person();
  IF NOT FOUND THEN RETURN 'gone'; END IF;
  IF q.closed_at IS NOT NULL THEN RETURN 'closed'; END IF;
  IF d.kind = 'site' THEN
    IF hands IS NULL OR cardinality(hands) <> cardinality(q.options) THEN RETURN 'choice'; END IF;
  ELSIF cardinality(chosen) = 0 OR (q.choice = 'single' AND cardinality(chosen) <> 1)
     OR EXISTS (SELECT 1 FROM unnest(chosen) c WHERE c < 0 OR c >= cardinality(q.options)) OR cardinality(chosen) <> (SELECT count(DISTINCT c) FROM unnest(chosen) c) THEN
    RETURN 'choice';
  END IF;
  INSERT INTO teaching_answer AS a (poll_id, voter, person_id, institution_id, chosen, hands, at)
    VALUES (of_poll, CASE d.kind WHEN 'site' THEN 'site:' || device ELSE 'person:' || app.person() END, app.person(), d.institution_id,
      CASE d.kind WHEN 'site' THEN '{}' ELSE chosen END, CASE d.kind WHEN 'site' THEN hands END, now_at)
    ON CONFLICT (poll_id, voter) DO UPDATE SET chosen = excluded.chosen, hands = excluded.hands, at = excluded.at;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.teaching_answer_many(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    PERFORM app.teaching_act_as(item);
    place := i; answer := '{"ok": true}';
    problem := app.teaching_answer((item ->> 'poll')::uuid, (item ->> 'device')::uuid,
      ARRAY(SELECT value::smallint FROM jsonb_array_elements_text(item -> 'chosen')),
      CASE WHEN jsonb_typeof(item -> 'hands') = 'array' THEN ARRAY(SELECT value::smallint FROM jsonb_array_elements_text(item -> 'hands')) END, now_at);
    RETURN NEXT;
    i := i + 1;
  END LOOP;
END $$;
--> statement-breakpoint
-- How a question was answered: votes per option, and how many people that are. Hands of a room count each.
CREATE FUNCTION app.teaching_results(of_poll uuid) RETURNS TABLE (counts integer[], answered integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT ARRAY(SELECT coalesce((SELECT count(*) FROM teaching_answer a WHERE a.poll_id = q.id AND (n - 1) = ANY (a.chosen)), 0)::integer
            + coalesce((SELECT sum(a.hands[n]) FROM teaching_answer a WHERE a.poll_id = q.id), 0)::integer FROM generate_series(1, cardinality(q.options)) n ORDER BY n),
          ((SELECT count(*) FROM teaching_answer a WHERE a.poll_id = q.id AND a.hands IS NULL)
            + coalesce((SELECT sum(h) FROM teaching_answer a, unnest(a.hands) h WHERE a.poll_id = q.id), 0))::integer
        FROM teaching_poll q WHERE q.id = of_poll AND (app.teaching_leads(q.session_id) OR (q.shown_at IS NOT NULL AND app.teaching_hears(q.session_id))) $$;
--> statement-breakpoint
-- A page that plays HLS is there: the stay goes on, or a new one begins after a silence.
CREATE FUNCTION app.teaching_heartbeat(of_session uuid, device uuid, of_way teaching_way, silence interval, now_at timestamptz) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE d teaching_device;
BEGIN
  UPDATE teaching_device t SET seen_at = now_at, way = of_way WHERE t.session_id = of_session AND t.device_id = device AND t.person_id = app.person()
    AND app.teaching_may_watch(of_session) RETURNING * INTO d;
  IF NOT FOUND THEN RETURN false; END IF;
  IF d.carrier <> 'hls' THEN RETURN true; END IF;
  UPDATE teaching_presence p SET seen_at = greatest(p.seen_at, now_at), way = of_way WHERE p.session_id = of_session AND p.device_id = device AND p.carrier = 'hls'
    AND p.until_at IS NULL AND p.seen_at > now_at - silence;
  IF NOT FOUND THEN
    UPDATE teaching_presence p SET until_at = p.seen_at WHERE p.session_id = of_session AND p.device_id = device AND p.carrier = 'hls' AND p.until_at IS NULL;
    INSERT INTO teaching_presence (session_id, person_id, institution_id, device_id, kind, way, carrier, from_at, seen_at)
      VALUES (of_session, d.person_id, d.institution_id, device, d.kind, of_way, 'hls', now_at, now_at);
  END IF;
  RETURN true;
END $$;
--> statement-breakpoint
-- A rehearsal leaves nothing behind: the timeline begins anew under another number.
CREATE FUNCTION app.teaching_end_rehearsal(of_session uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT (app.teaching_leads(of_session) OR app.teaching_speaks(of_session) IS NOT NULL) THEN RETURN false; END IF;
  PERFORM 1 FROM teaching_live l WHERE l.session_id = of_session AND l.rehearsal FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM teaching_entry e WHERE e.session_id = of_session AND e.rehearsal;
  DELETE FROM teaching_hand h WHERE h.session_id = of_session;
  DELETE FROM teaching_stage t WHERE t.session_id = of_session;
  DELETE FROM teaching_presence p WHERE p.session_id = of_session;
  DELETE FROM teaching_answer a USING teaching_poll q WHERE q.id = a.poll_id AND q.session_id = of_session;
  UPDATE teaching_poll q SET opened_at = NULL, closed_at = NULL, shown_at = NULL WHERE q.session_id = of_session;
  UPDATE teaching_live l SET rehearsal = false, run = run + 1, last_seq = 0, lead_person_id = NULL, chat_rate = 0, chat_rate_at = NULL, slow_seconds = 0 WHERE l.session_id = of_session;
  PERFORM pg_notify('yilian_teaching', 'e:' || of_session);
  RETURN true;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.rehearsal THEN RETURN OLD; END IF;
  -- Deleted by policy together with its session, never by itself.
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = OLD.session_id) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'what happened stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_entry_stands';
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_entry_stands BEFORE UPDATE OR DELETE ON teaching_entry FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_entry();
--> statement-breakpoint
-- A question that was opened is the question that was asked.
CREATE FUNCTION app.guard_teaching_poll() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'session_id', 'created_by', 'created_at']
     OR (OLD.opened_at IS NOT NULL AND app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['question', 'options', 'choice', 'right_options']) THEN
    RAISE EXCEPTION 'a question that was asked stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_poll_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_poll_stands BEFORE UPDATE ON teaching_poll FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_poll();
--> statement-breakpoint
-- What is decided of the stage reaches the room: a job of the same transaction, repeated until the node obeyed.
CREATE FUNCTION app.order_teaching_stage() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM media_room r WHERE r.room_id = NEW.session_id) THEN
    PERFORM jobs.enqueue('teaching:stage-order', json_build_object('sessionId', NEW.session_id, 'sub', NEW.sub), NULL, concat_ws(':', 'teaching-stage', NEW.session_id, NEW.sub));
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_stage_order AFTER INSERT OR UPDATE OF left_at ON teaching_stage FOR EACH ROW EXECUTE FUNCTION app.order_teaching_stage();
--> statement-breakpoint
-- Names of the own house's staff, to be ticked in front of its screen.
CREATE FUNCTION app.teaching_house_staff(now_at timestamptz) RETURNS TABLE (person_id uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT DISTINCT p.id, p.name FROM role_assignment a JOIN person p ON p.id = a.person_id
        WHERE app.kind() = 'staff' AND a.institution_id = app.institution() AND (a.valid_until IS NULL OR a.valid_until > now_at) ORDER BY p.name, p.id $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_site_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['removed_by', 'removed_at'] THEN
    RAISE EXCEPTION 'a tick stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_site_person_stands';
  END IF;
  IF NEW.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM role_assignment a WHERE a.person_id = NEW.person_id AND a.institution_id = NEW.institution_id) THEN
    RAISE EXCEPTION 'not of this house' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_site_person_house';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_site_person_guard BEFORE INSERT OR UPDATE ON teaching_site_person FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_site_person();
--> statement-breakpoint
-- Attendance of a course is read by whoever plans it, of a house by who oversees it there, the own by everybody.
CREATE FUNCTION app.teaching_oversees(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR 'planner' = ANY (app.teaching_sides(of_session)) OR app.teaching_leads(of_session) $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['teaching_live', 'teaching_entry', 'teaching_device', 'teaching_stage', 'teaching_hand', 'teaching_poll', 'teaching_answer',
      'teaching_presence', 'teaching_site_person', 'teaching_attendance', 'teaching_live_policy'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON teaching_live, teaching_device, teaching_stage, teaching_poll, teaching_presence, teaching_site_person, teaching_live_policy TO yilian_app;
--> statement-breakpoint
GRANT INSERT, DELETE ON teaching_attendance TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON teaching_poll TO yilian_app;
--> statement-breakpoint
CREATE POLICY hear ON teaching_live FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_hears(session_id));
--> statement-breakpoint
CREATE POLICY begin ON teaching_live FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_may_watch(session_id) AND NOT rehearsal AND last_seq = 0);
--> statement-breakpoint
CREATE POLICY lead ON teaching_live FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_leads(session_id) OR app.teaching_speaks(session_id) IS NOT NULL));
--> statement-breakpoint
CREATE POLICY hear ON teaching_entry FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_hears(session_id)
  AND (NOT stage_only OR app.teaching_leads(session_id) OR app.teaching_speaks(session_id) IS NOT NULL));
--> statement-breakpoint
CREATE POLICY see ON teaching_device FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (person_id = (SELECT app.person()) OR app.teaching_oversees(session_id)));
--> statement-breakpoint
CREATE POLICY enter ON teaching_device FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person())
  AND institution_id = (SELECT app.institution()) AND app.teaching_may_watch(session_id));
--> statement-breakpoint
CREATE POLICY enter_again ON teaching_device FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()) AND app.teaching_may_watch(session_id))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()) AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY hear ON teaching_stage FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_hears(session_id));
--> statement-breakpoint
CREATE POLICY bring ON teaching_stage FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (app.teaching_leads(session_id)
  OR (person_id = (SELECT app.person()) AND role::text = app.teaching_speaks(session_id)::text)));
--> statement-breakpoint
CREATE POLICY leave ON teaching_stage FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_leads(session_id) OR person_id = (SELECT app.person())));
--> statement-breakpoint
CREATE POLICY hear ON teaching_hand FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_hears(session_id));
--> statement-breakpoint
-- Right answers and drafts are the leaders'; listeners read questions in the timeline.
CREATE POLICY lead ON teaching_poll TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_leads(session_id))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_leads(session_id));
--> statement-breakpoint
CREATE POLICY shown ON teaching_poll FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND shown_at IS NOT NULL AND app.teaching_hears(session_id));
--> statement-breakpoint
CREATE POLICY own ON teaching_answer FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY see ON teaching_presence FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (person_id = (SELECT app.person()) OR app.teaching_oversees(session_id)));
--> statement-breakpoint
CREATE POLICY house ON teaching_site_person FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (institution_id = (SELECT app.institution()) OR app.teaching_oversees(session_id)));
--> statement-breakpoint
CREATE POLICY tick ON teaching_site_person FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND ticked_by = (SELECT app.person()) AND removed_at IS NULL AND app.teaching_may_watch(session_id));
--> statement-breakpoint
CREATE POLICY untick ON teaching_site_person FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND app.teaching_may_watch(session_id))
  WITH CHECK (removed_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY see ON teaching_attendance FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (person_id = (SELECT app.person()) OR app.teaching_oversees(session_id)
  OR (institution_id = (SELECT app.institution()) AND (SELECT app.holds('teaching.manage')))));
--> statement-breakpoint
CREATE POLICY see ON teaching_live_policy FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY set_new ON teaching_live_policy FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND set_by = (SELECT app.person()) AND (SELECT app.holds('teaching.manage')));
--> statement-breakpoint
CREATE POLICY set_again ON teaching_live_policy FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('teaching.manage')))
  WITH CHECK (institution_id = (SELECT app.institution()) AND set_by = (SELECT app.person()));
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'teaching_hears', 'teaching_leads', 'teaching_may_write', 'teaching_slow_seconds', 'teaching_pen', 'teaching_write', 'teaching_entries', 'teaching_act_as', 'teaching_write_many', 'teaching_answer',
    'teaching_answer_many', 'teaching_results', 'teaching_heartbeat', 'teaching_end_rehearsal', 'guard_teaching_entry', 'guard_teaching_poll', 'order_teaching_stage',
    'teaching_house_staff', 'guard_teaching_site_person', 'teaching_oversees']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_owner', one);
    -- The pen asks nobody: it is taken by the function that asks.
    IF one::text NOT LIKE 'app.teaching_pen(%' THEN EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app', one); END IF;
  END LOOP;
END $$;
