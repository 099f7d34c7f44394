-- Pictures that a speaker brings to the board: seen by whoever hears the broadcast, brought by whoever leads, plans or speaks.
ALTER TABLE public.teaching_still ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE public.teaching_still FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON public.teaching_still TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON public.teaching_still TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
GRANT SELECT, INSERT ON teaching_still TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (removed_at, removed_by) ON teaching_still TO yilian_app;
--> statement-breakpoint
CREATE FUNCTION app.teaching_brings_still(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND (app.teaching_plans(of_session) OR coalesce(app.teaching_speaks(of_session) = 'panel', false)) $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.teaching_brings_still(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.teaching_brings_still(uuid) TO yilian_app, yilian_owner;
--> statement-breakpoint
CREATE POLICY see ON teaching_still FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_brings_still(session_id) OR app.teaching_may_watch(session_id)));
--> statement-breakpoint
CREATE POLICY bring ON teaching_still FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_brings_still(session_id) AND taken_by = (SELECT app.person())
  AND removed_at IS NULL);
--> statement-breakpoint
CREATE POLICY take_away ON teaching_still FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_brings_still(session_id));
--> statement-breakpoint
-- Writing into the timeline, third edition: such a picture may be shown as a still.
CREATE OR REPLACE FUNCTION app.teaching_write(of_session uuid, what teaching_entry_kind, content jsonb, client uuid, now_at timestamptz)
  RETURNS TABLE (seq integer, problem text, seconds integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE l teaching_live; s teaching_session; p teaching_live_policy; number integer; who record; line record; last_at timestamptz; pause integer; slow smallint; rate double precision; data jsonb := content;
BEGIN
  SELECT * INTO s FROM teaching_session t WHERE t.id = of_session;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::integer, 'gone', NULL::integer; RETURN; END IF;
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
    slow := 0;
    IF coalesce(p.slow_mode, true) THEN
      rate := l.chat_rate * exp(-greatest(0, extract(epoch FROM now_at - coalesce(l.chat_rate_at, now_at))) / 10.0) + 0.1;
      slow := app.teaching_slow_seconds(rate, l.slow_seconds);
      UPDATE teaching_live t SET chat_rate = rate, chat_rate_at = now_at, slow_seconds = slow WHERE t.session_id = of_session;
    END IF;
    IF slow <> l.slow_seconds THEN
      PERFORM app.teaching_pen(of_session, 'notice', jsonb_build_object('code', CASE WHEN slow = 0 THEN 'slow-mode-over' ELSE 'slow-mode' END, 'seconds', slow),
        NULL, false, NULL, NULL, now_at);
    END IF;
    pause := greatest(coalesce(p.chat_seconds, 2), slow);
    IF pause > 0 THEN
      SELECT e.at INTO last_at FROM teaching_entry e WHERE e.session_id = of_session AND e.author_id = app.person() AND e.kind = 'chat' AND e.at > now_at - make_interval(secs => pause)
        ORDER BY e.seq DESC LIMIT 1;
      -- Speakers write as they like.
      IF FOUND AND app.teaching_speaks(of_session) IS NULL THEN
        RETURN QUERY SELECT NULL::integer, 'too-fast', greatest(1, ceil(extract(epoch FROM last_at + make_interval(secs => pause) - now_at))::integer); RETURN;
      END IF;
    END IF;
  ELSIF what = 'slide' THEN
    IF NOT EXISTS (SELECT 1 FROM teaching_deck d WHERE d.id = (content ->> 'deckId')::uuid AND d.session_id = of_session AND d.state = 'ready'
        AND (content ->> 'page')::integer <= d.pages) THEN
      RETURN QUERY SELECT NULL::integer, 'no-line', NULL::integer; RETURN;
    END IF;
  ELSIF what = 'case-item' THEN
    -- Only what was taken from the record without the person, was looked at twice where needed, and is agreed to.
    IF content ->> 'itemId' IS NOT NULL AND NOT EXISTS (SELECT 1 FROM teaching_case_item i JOIN teaching_case c ON c.id = i.case_id
        WHERE i.id = (content ->> 'itemId')::uuid AND c.id = (content ->> 'caseId')::uuid AND c.session_id = of_session AND app.teaching_case_shown(c.id)) THEN
      RETURN QUERY SELECT NULL::integer, 'no-line', NULL::integer; RETURN;
    END IF;
  ELSIF what = 'still' THEN
    IF content ->> 'stillId' IS NOT NULL AND NOT EXISTS (SELECT 1 FROM teaching_case_item i JOIN teaching_case c ON c.id = i.case_id
        WHERE i.id = (content ->> 'stillId')::uuid AND i.kind = 'image' AND c.session_id = of_session AND app.teaching_case_shown(c.id))
        AND NOT EXISTS (SELECT 1 FROM teaching_still t WHERE t.id = (content ->> 'stillId')::uuid AND t.session_id = of_session AND t.removed_at IS NULL) THEN
      RETURN QUERY SELECT NULL::integer, 'no-line', NULL::integer; RETURN;
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
