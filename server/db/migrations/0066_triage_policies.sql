-- Triage: versions of rules that stand once a second clinician has published them, assessments of the phone
-- and of the institution that asked, and overrules by doctors who examined. The services ask the same first.

-- Whoever triages in an institution.
CREATE FUNCTION app.triages() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.holds('triage.assess') $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_triage_set() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state = 'published' THEN
      RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_set_stands';
    END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'draft' OR NEW.starter OR NEW.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a version begins as a draft of its author' USING ERRCODE = '42501', CONSTRAINT = 'triage_set_author';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_set_stands';
  END IF;
  -- The author writes; publishing changes no word of what was tested.
  IF NEW.state = 'draft' THEN
    IF NOT changed <@ ARRAY['content', 'note', 'valid_from'] OR (app.kind() = 'staff' AND OLD.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a draft is its author''s' USING ERRCODE = '42501', CONSTRAINT = 'triage_set_author';
    END IF;
  ELSE
    IF NOT changed <@ ARRAY['state', 'published_by', 'published_at'] THEN
      RAISE EXCEPTION 'what is published is what was tested' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_set_stands';
    END IF;
    IF app.kind() = 'staff' AND NEW.published_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'triage_set_publisher';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER triage_set_guard BEFORE INSERT OR UPDATE OR DELETE ON triage_rule_set FOR EACH ROW EXECUTE FUNCTION app.guard_triage_set();
--> statement-breakpoint
-- What was answered stands; later come only the telling and the patient's word of the day after.
CREATE FUNCTION app.guard_triage_assessment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM triage_rule_set s WHERE s.id = NEW.rule_set_id AND s.state = 'published') THEN
      RAISE EXCEPTION 'nobody is triaged by a draft' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_assessment_published';
    END IF;
    IF NEW.told_at IS NOT NULL OR NEW.checked_at IS NOT NULL THEN
      RAISE EXCEPTION 'the day after comes later' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_assessment_stands';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ (ARRAY['told_at', 'checked_at', 'check_answer'])
     OR (app.kind() = 'patient' AND (OLD.checked_at IS NOT NULL OR NEW.told_at IS DISTINCT FROM OLD.told_at)) THEN
    RAISE EXCEPTION 'what was answered stands' USING ERRCODE = 'YL001', CONSTRAINT = 'triage_assessment_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER triage_assessment_guard BEFORE INSERT OR UPDATE ON triage_assessment FOR EACH ROW EXECUTE FUNCTION app.guard_triage_assessment();
--> statement-breakpoint
-- Which red flags fired and which of them a doctor overruled, without anybody's name: for the loop board and the rules' authors.
CREATE FUNCTION app.triage_overruled(since timestamptz) RETURNS TABLE (rule text, fired bigint, overruled bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT flag, count(*), count(o.assessment_id) FROM triage_assessment a CROSS JOIN LATERAL unnest(a.red_flags) AS flag
          LEFT JOIN triage_overrule o ON o.assessment_id = a.id AND o.outcome < a.outcome
          WHERE a.assessed_at >= since AND (app.internal() OR app.holds('triage.rules') OR app.holds('alliance.view')) GROUP BY flag $$;
--> statement-breakpoint
-- Past cases to try a draft on: answers and measurements alone. No person, place or day; ages from three years on in whole years.
CREATE FUNCTION app.triage_cases(most integer) RETURNS TABLE (facts jsonb, outcome triage_outcome, urgency triage_urgency)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN (a.facts ->> 'ageMonths')::numeric >= 36
                 THEN jsonb_set(a.facts, '{ageMonths}', to_jsonb(floor((a.facts ->> 'ageMonths')::numeric / 12) * 12)) ELSE a.facts END, a.outcome, a.urgency
          FROM triage_assessment a WHERE app.holds('triage.rules') ORDER BY a.assessed_at DESC, a.id LIMIT least(most, 1000) $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['triage_rule_set', 'triage_assessment', 'triage_overrule'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY everyone_reads ON triage_rule_set FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none' AND (state = 'published' OR (SELECT app.holds('triage.rules'))));
--> statement-breakpoint
CREATE POLICY write_rules ON triage_rule_set FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('triage.rules')) AND state = 'draft');
--> statement-breakpoint
CREATE POLICY change_rules ON triage_rule_set FOR UPDATE TO yilian_app USING ((SELECT app.holds('triage.rules')));
--> statement-breakpoint
CREATE POLICY own_see ON triage_assessment FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY own_answer ON triage_assessment FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]) AND assessed_by IS NULL);
--> statement-breakpoint
CREATE POLICY own_check ON triage_assessment FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY staff_see ON triage_assessment FOR SELECT TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.triages()));
--> statement-breakpoint
CREATE POLICY staff_assess ON triage_assessment FOR INSERT TO yilian_app WITH CHECK ((SELECT app.triages()) AND institution_id = (SELECT app.institution())
  AND assessed_by = (SELECT app.person()) AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY see ON triage_overrule FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM triage_assessment a WHERE a.id = assessment_id));
--> statement-breakpoint
CREATE POLICY overrule ON triage_overrule FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('triage.overrule'))
  AND overruled_by = (SELECT app.person()) AND institution_id = (SELECT app.institution()) AND EXISTS (SELECT 1 FROM triage_assessment a WHERE a.id = assessment_id));
--> statement-breakpoint
GRANT INSERT ON triage_rule_set, triage_assessment, triage_overrule TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (content, note, valid_from, state, published_by, published_at) ON triage_rule_set TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (told_at, checked_at, check_answer) ON triage_assessment TO yilian_app;
--> statement-breakpoint
-- Databases that are there already get the permissions; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('attending-doctor', 'triage.assess'), ('attending-doctor', 'triage.overrule'), ('specialist', 'triage.assess'), ('specialist', 'triage.overrule'),
  ('community-doctor', 'triage.assess'), ('community-doctor', 'triage.overrule'), ('community-doctor', 'triage.rules'), ('nurse', 'triage.assess'),
  ('fever-nurse', 'triage.assess'), ('fever-doctor', 'triage.assess'), ('fever-doctor', 'triage.overrule'), ('fever-doctor', 'triage.rules')) AS p (code, permission)
  ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.triages(), app.guard_triage_set(), app.guard_triage_assessment(), app.triage_overruled(timestamptz), app.triage_cases(integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.triages(), app.guard_triage_set(), app.guard_triage_assessment(), app.triage_overruled(timestamptz), app.triage_cases(integer) TO yilian_app, yilian_owner;
