-- Teaching broadcasts: who plans, who stands in front, who watches, and in which order it goes. The services ask the same
-- questions first; this is the last word.
CREATE SEQUENCE teaching_number;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE teaching_number TO yilian_app;
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/teaching/states.ts; a test compares both.
CREATE TABLE teaching_transition (from_state teaching_state NOT NULL, to_state teaching_state NOT NULL,
  side text NOT NULL CHECK (side IN ('planner', 'presenter', 'system')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO teaching_transition (from_state, to_state, side) VALUES
  ('draft', 'planned', 'planner'), ('draft', 'cancelled', 'planner'),
  ('planned', 'live', 'presenter'), ('planned', 'cancelled', 'planner'),
  ('live', 'ended', 'presenter'), ('live', 'ended', 'system'),
  ('ended', 'processing', 'system'), ('ended', 'published', 'planner'), ('ended', 'published', 'system'),
  ('processing', 'published', 'planner'), ('processing', 'published', 'system');
--> statement-breakpoint
-- A house is invited by name, as a member of an alliance, or as one of its level there; the house that teaches listens to itself.
CREATE FUNCTION app.teaching_invites(of_session uuid, house uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = of_session AND s.institution_id = house)
          OR EXISTS (SELECT 1 FROM teaching_speaker p WHERE p.session_id = of_session AND p.institution_id = house)
          OR EXISTS (SELECT 1 FROM teaching_audience a WHERE a.session_id = of_session AND CASE a.kind WHEN 'institution' THEN a.institution_id = house
            ELSE EXISTS (SELECT 1 FROM alliance_member m JOIN institution i ON i.id = m.institution_id
              WHERE m.alliance_id = a.alliance_id AND m.institution_id = house AND (a.level IS NULL OR i.level = a.level)) END) $$;
--> statement-breakpoint
-- The sides of a session that whoever acts is on. Who leads it from another house helps to plan it.
CREATE FUNCTION app.teaching_sides(of_session uuid) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() THEN ARRAY['system'] WHEN app.kind() <> 'staff' THEN '{}'::text[] ELSE coalesce((
          SELECT array_remove(ARRAY[
            CASE WHEN s.institution_id = app.institution() AND ((s.owner_id = app.person() AND app.holds('teaching.plan')) OR app.holds('teaching.manage'))
              OR (p.role IN ('presenter', 'co-host') AND app.holds('teaching.plan')) THEN 'planner' END,
            CASE WHEN p.role IN ('presenter', 'co-host') AND app.holds('teaching.present') THEN 'presenter' END], NULL)
          FROM teaching_session s LEFT JOIN teaching_speaker p ON p.session_id = s.id AND p.person_id = app.person() AND p.institution_id = app.institution()
          WHERE s.id = of_session), '{}') END $$;
--> statement-breakpoint
-- The speaker's role of whoever acts, where he is at work now; null for who does not stand in front.
CREATE FUNCTION app.teaching_speaks(of_session uuid) RETURNS teaching_speaker_role LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p.role FROM teaching_speaker p WHERE p.session_id = of_session AND app.kind() = 'staff' AND p.person_id = app.person()
          AND p.institution_id = app.institution() AND (app.holds('teaching.present') OR (p.role = 'interpreter' AND app.holds('consult.interpret'))) $$;
--> statement-breakpoint
-- That it takes place: title, time, who speaks. Invited houses see it once it is planned.
CREATE FUNCTION app.teaching_may_see(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND (cardinality(app.teaching_sides(of_session)) > 0 OR app.teaching_speaks(of_session) IS NOT NULL
          OR (app.holds('teaching.attend') AND EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = of_session AND s.planned_at IS NOT NULL)
            AND app.teaching_invites(of_session, app.institution())))) $$;
--> statement-breakpoint
-- What is shown in it: slides, timeline, replay. The audience from live on, who prepares it before.
CREATE FUNCTION app.teaching_may_watch(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND (cardinality(app.teaching_sides(of_session)) > 0 OR app.teaching_speaks(of_session) IS NOT NULL
          OR (app.holds('teaching.attend') AND EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = of_session AND s.state IN ('live', 'ended', 'processing', 'published'))
            AND app.teaching_invites(of_session, app.institution())))) $$;
--> statement-breakpoint
-- Every house that it is for; for those who plan it and for jobs.
CREATE FUNCTION app.teaching_houses(of_session uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT i.id FROM institution i WHERE app.kind() IN ('staff', 'system', 'job') AND app.teaching_may_see(of_session) AND app.teaching_invites(of_session, i.id) $$;
--> statement-breakpoint
-- What leaders set while it runs; everything else is the plan.
CREATE FUNCTION app.teaching_running_columns() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT ARRAY['state', 'version', 'updated_at', 'rehearsed_at', 'live_at', 'interrupted_at', 'ended_at', 'published_at'] $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  sides text[] := app.teaching_sides(OLD.id);
  changed text[] := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
BEGIN
  IF current_setting('yilian.teaching_withhold', true) = OLD.id::text THEN RETURN NEW; END IF;
  IF cardinality(changed) > 0 AND NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'somebody changed it meanwhile' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_version';
  END IF;
  IF changed && ARRAY['id', 'number', 'institution_id', 'owner_id', 'created_at'] OR (OLD.withheld_at IS NOT NULL AND 'withheld_at' = ANY (changed)) THEN
    RAISE EXCEPTION 'whose it is stays' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_fixed';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM teaching_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
    RAISE EXCEPTION 'a broadcast cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_state_order';
  END IF;
  -- The plan is a planner's, and only before it runs; what it is worth stays from live on.
  IF NOT changed <@ app.teaching_running_columns() AND (NOT sides && ARRAY['planner', 'system'] OR OLD.state NOT IN ('draft', 'planned')) THEN
    RAISE EXCEPTION 'the plan stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_plan_stands';
  END IF;
  IF NEW.state = 'planned' AND OLD.state = 'draft' AND NOT EXISTS (SELECT 1 FROM teaching_speaker p WHERE p.session_id = OLD.id AND p.role = 'presenter') THEN
    RAISE EXCEPTION 'somebody has to speak' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_presenter';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_session_guard BEFORE UPDATE ON teaching_session FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_session();
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_series() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'somebody changed it meanwhile' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_version'; END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'institution_id', 'owner_id', 'created_at'] THEN
    RAISE EXCEPTION 'whose it is stays' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_series_guard BEFORE UPDATE ON teaching_series FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_series();
--> statement-breakpoint
-- A session belongs to a course of its own house that is not closed.
CREATE FUNCTION app.guard_teaching_series_of() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.series_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.series_id IS DISTINCT FROM OLD.series_id) AND NOT EXISTS (
      SELECT 1 FROM teaching_series c WHERE c.id = NEW.series_id AND c.institution_id = NEW.institution_id AND c.closed_at IS NULL) THEN
    RAISE EXCEPTION 'the course is not there' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_series_open';
  END IF;
  IF NEW.department_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM department d WHERE d.id = NEW.department_id AND d.institution_id = NEW.institution_id) THEN
    RAISE EXCEPTION 'the department is of another house' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_department';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_session_of BEFORE INSERT OR UPDATE OF series_id, department_id ON teaching_session FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_series_of();
--> statement-breakpoint
-- Who stands in front works where he is said to, in a house that is allied with the one that teaches.
CREATE FUNCTION app.guard_teaching_speaker() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM role_assignment a WHERE a.person_id = NEW.person_id AND a.institution_id = NEW.institution_id AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp()))
     OR NOT EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = NEW.session_id AND (s.institution_id = NEW.institution_id OR EXISTS (
       SELECT 1 FROM alliance_member o JOIN alliance_member m ON m.alliance_id = o.alliance_id WHERE o.institution_id = s.institution_id AND m.institution_id = NEW.institution_id))) THEN
    RAISE EXCEPTION 'nobody of that house speaks' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_speaker_house';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_speaker_guard BEFORE INSERT OR UPDATE ON teaching_speaker FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_speaker();
--> statement-breakpoint
-- One invites those one is allied with.
CREATE FUNCTION app.guard_teaching_audience() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE house uuid;
BEGIN
  SELECT s.institution_id INTO house FROM teaching_session s WHERE s.id = NEW.session_id;
  IF NOT EXISTS (SELECT 1 FROM alliance_member o WHERE o.institution_id = house AND CASE WHEN NEW.kind = 'institution'
      THEN EXISTS (SELECT 1 FROM alliance_member m WHERE m.alliance_id = o.alliance_id AND m.institution_id = NEW.institution_id)
      ELSE o.alliance_id = NEW.alliance_id END) AND NEW.institution_id IS DISTINCT FROM house THEN
    RAISE EXCEPTION 'not allied' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_audience_allied';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_audience_guard BEFORE INSERT OR UPDATE ON teaching_audience FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_audience();
--> statement-breakpoint
-- No replay any more: marks the session, so that recordings that come later are withheld too, and every recording that is there.
CREATE FUNCTION app.teaching_withhold(of_session uuid, now_at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM set_config('yilian.teaching_withhold', of_session::text, true);
  UPDATE teaching_session SET withheld_at = coalesce(withheld_at, now_at), version = version + 1, updated_at = now_at WHERE id = of_session;
  PERFORM set_config('yilian.teaching_withhold', '', true);
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'teaching_recording' AND column_name = 'withheld_at') THEN
    EXECUTE 'UPDATE public.teaching_recording SET withheld_at = $2 WHERE session_id = $1 AND withheld_at IS NULL' USING of_session, now_at;
  END IF;
END $$;
--> statement-breakpoint
-- Who may be asked to speak: people at work in the own house and in allied ones, by name.
CREATE FUNCTION app.teaching_people(words text, most integer, now_at timestamptz) RETURNS TABLE (person_id uuid, name text, institution_id uuid, title text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT DISTINCT p.id, p.name, a.institution_id, t.title FROM role_assignment a JOIN person p ON p.id = a.person_id
    JOIN role_permission r ON r.role_code = a.role_code AND r.permission IN ('teaching.present', 'consult.interpret') LEFT JOIN practitioner t ON t.person_id = p.id
  WHERE app.kind() = 'staff' AND app.holds('teaching.plan') AND app.allied(a.institution_id) AND (a.valid_until IS NULL OR a.valid_until > now_at)
    AND (p.name ILIKE '%' || words || '%' OR p.name_en ILIKE '%' || words || '%') ORDER BY p.name, p.id LIMIT most $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['teaching_series', 'teaching_session', 'teaching_speaker', 'teaching_audience', 'teaching_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON teaching_series, teaching_session TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE, DELETE ON teaching_speaker, teaching_audience TO yilian_app;
--> statement-breakpoint
CREATE POLICY everyone_reads ON teaching_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY see ON teaching_series FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (
  (institution_id = (SELECT app.institution()) AND ((SELECT app.holds('teaching.plan')) OR (SELECT app.holds('teaching.manage'))))
  OR ((SELECT app.holds('teaching.attend')) AND EXISTS (SELECT 1 FROM teaching_session s WHERE s.series_id = teaching_series.id))));
--> statement-breakpoint
CREATE POLICY plan ON teaching_series FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND owner_id = (SELECT app.person()) AND (SELECT app.holds('teaching.plan')));
--> statement-breakpoint
CREATE POLICY change ON teaching_series FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND ((owner_id = (SELECT app.person()) AND (SELECT app.holds('teaching.plan'))) OR (SELECT app.holds('teaching.manage'))));
--> statement-breakpoint
-- The row that is being made is not there for the functions yet: its planner sees it as it is.
CREATE POLICY see ON teaching_session FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (
  (owner_id = (SELECT app.person()) AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('teaching.plan'))) OR app.teaching_may_see(id)));
--> statement-breakpoint
CREATE POLICY plan ON teaching_session FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND owner_id = (SELECT app.person()) AND (SELECT app.holds('teaching.plan')) AND state = 'draft' AND withheld_at IS NULL);
--> statement-breakpoint
CREATE POLICY change ON teaching_session FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND cardinality(app.teaching_sides(id)) > 0);
--> statement-breakpoint
CREATE POLICY see ON teaching_speaker FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_may_see(session_id));
--> statement-breakpoint
CREATE POLICY plan ON teaching_speaker TO yilian_app USING ((SELECT app.kind()) = 'staff' AND 'planner' = ANY (app.teaching_sides(session_id)))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND 'planner' = ANY (app.teaching_sides(session_id)));
--> statement-breakpoint
CREATE POLICY see ON teaching_audience FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_may_see(session_id));
--> statement-breakpoint
CREATE POLICY plan ON teaching_audience TO yilian_app USING ((SELECT app.kind()) = 'staff' AND 'planner' = ANY (app.teaching_sides(session_id)))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND 'planner' = ANY (app.teaching_sides(session_id)));
--> statement-breakpoint
-- Databases that are there already get the new rights; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('specialist', 'teaching.plan'), ('specialist', 'teaching.present'), ('specialist', 'teaching.attend'),
  ('attending-doctor', 'teaching.plan'), ('attending-doctor', 'teaching.present'), ('attending-doctor', 'teaching.attend'),
  ('community-doctor', 'teaching.plan'), ('community-doctor', 'teaching.present'), ('community-doctor', 'teaching.attend'),
  ('ward-doctor', 'teaching.present'), ('ward-doctor', 'teaching.attend'), ('fever-doctor', 'teaching.present'), ('fever-doctor', 'teaching.attend'),
  ('nurse', 'teaching.attend'), ('fever-nurse', 'teaching.attend'), ('ward-nurse', 'teaching.attend'), ('observer', 'teaching.attend'),
  ('pharmacist', 'teaching.attend'), ('laboratory', 'teaching.attend'), ('public-health', 'teaching.attend'), ('interpreter', 'teaching.attend'),
  ('clinical-administrator', 'teaching.plan'), ('clinical-administrator', 'teaching.present'), ('clinical-administrator', 'teaching.attend'),
  ('clinical-administrator', 'teaching.review'), ('clinical-administrator', 'teaching.manage'), ('record-administrator', 'teaching.review'),
  ('alliance-administrator', 'teaching.manage'), ('alliance-administrator', 'teaching.attend'), ('alliance-administrator', 'media.manage'),
  ('health-commission', 'teaching.manage'), ('health-commission', 'teaching.attend'), ('health-commission', 'media.manage')) AS p (code, permission)
  ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'teaching_invites', 'teaching_houses', 'teaching_sides', 'teaching_speaks', 'teaching_may_see', 'teaching_may_watch', 'teaching_running_columns', 'guard_teaching_session',
    'guard_teaching_series', 'guard_teaching_series_of', 'guard_teaching_speaker', 'guard_teaching_audience', 'teaching_people']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
--> statement-breakpoint
-- Called by what takes a consent back, never by a request.
REVOKE EXECUTE ON FUNCTION app.teaching_withhold(uuid, timestamptz) FROM PUBLIC;
--> statement-breakpoint
-- Where the room of a session lives, for whoever may enter it.
CREATE POLICY teaching_read ON media_room FOR SELECT TO yilian_app USING (app.teaching_may_watch(room_id));
--> statement-breakpoint
CREATE POLICY teaching_place ON media_room FOR INSERT TO yilian_app WITH CHECK (app.teaching_may_watch(room_id));
--> statement-breakpoint
CREATE POLICY teaching_move ON media_room FOR UPDATE TO yilian_app USING (app.teaching_may_watch(room_id));
