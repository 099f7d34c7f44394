-- Signed cards: only of a resolved result of one person; what is corrected takes its card back.

ALTER TABLE health_card ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE health_card FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON health_card TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON health_card TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY own ON health_card FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY own_issue ON health_card FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
GRANT SELECT, INSERT ON health_card TO yilian_app;
--> statement-breakpoint
-- Somebody who is to be tested alone has no card before that result (domain.md). A voided tube suspects nobody.
CREATE FUNCTION app.recalled_alone(of_patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM recall c WHERE c.patient_id = of_patient AND c.single AND c.state IN ('issued', 'told', 'sampled')) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_health_card() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.revoked_at IS NOT NULL OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['revoked_at'] THEN
      RAISE EXCEPTION 'a card is only taken back, and once' USING ERRCODE = '42501', CONSTRAINT = 'health_card_fixed';
    END IF;
    RETURN NEW;
  END IF;
  -- Held until this commits: a correction at the same moment waits, and then finds the card.
  PERFORM 1 FROM person_result r WHERE r.id = NEW.result_id AND r.patient_id = NEW.patient_id AND r.released_at IS NOT NULL
    AND r.withdrawn_at IS NULL FOR SHARE;
  IF NOT FOUND OR NEW.revoked_at IS NOT NULL OR app.recalled_alone(NEW.patient_id) THEN
    RAISE EXCEPTION 'no card before a resolved result of this person' USING ERRCODE = 'YL001', CONSTRAINT = 'health_card_resolved';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER health_card_guard BEFORE INSERT OR UPDATE ON health_card FOR EACH ROW EXECUTE FUNCTION app.guard_health_card();
--> statement-breakpoint
CREATE FUNCTION app.publish_card_revocation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO card_revocation (kid, rid, at) VALUES (NEW.kid, NEW.rid, NEW.revoked_at) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER health_card_published AFTER UPDATE OF revoked_at ON health_card FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION app.publish_card_revocation();
--> statement-breakpoint
-- A corrected result takes its cards back in the same transaction.
CREATE FUNCTION app.take_cards_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE health_card c SET revoked_at = NEW.withdrawn_at WHERE c.result_id = NEW.id AND c.revoked_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER person_result_cards AFTER UPDATE OF withdrawn_at ON person_result FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION app.take_cards_back();
--> statement-breakpoint
-- The tests of the people whom a phone books for: what was released, what is waited for, what is to be done again.
-- A result that is not released looks like one that is waited for; a recall says nothing of its cause.
CREATE FUNCTION app.my_test_results(since timestamptz) RETURNS TABLE (id uuid, patient_id uuid, state text, sampled_at timestamptz, due_at timestamptz,
    released_at timestamptz, place text, laboratory_id uuid, may_have_card boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT r.id, r.patient_id, r.result::text, r.sampled_at, NULL::timestamptz, r.released_at, s.name_zh, t.laboratory_id, NOT app.recalled_alone(r.patient_id)
    FROM person_result r JOIN tube t ON t.id = r.tube_id JOIN sampling_site s ON s.id = t.site_id
    WHERE r.patient_id = ANY (app.patient_ids()) AND r.released_at IS NOT NULL AND r.withdrawn_at IS NULL AND r.sampled_at >= since
  UNION ALL
  SELECT m.registration_id, m.patient_id, 'waiting', m.sampled_at, t.result_due_at, NULL, s.name_zh, t.laboratory_id, false
    FROM tube_member m JOIN tube t ON t.id = m.tube_id JOIN sampling_site s ON s.id = t.site_id
    WHERE m.patient_id = ANY (app.patient_ids()) AND m.active AND m.sampled_at >= since
      AND NOT EXISTS (SELECT 1 FROM person_result r WHERE r.tube_id = m.tube_id AND r.patient_id = m.patient_id
        AND r.released_at IS NOT NULL AND r.withdrawn_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM recall c WHERE c.tube_id = m.tube_id AND c.patient_id = m.patient_id AND c.state <> 'withdrawn')
  UNION ALL
  SELECT c.id, c.patient_id, 'again', coalesce(m.sampled_at, c.issued_at), c.due_at, NULL, s.name_zh, NULL, false
    FROM recall c LEFT JOIN tube t ON t.id = c.tube_id LEFT JOIN sampling_site s ON s.id = t.site_id
      LEFT JOIN tube_member m ON m.tube_id = c.tube_id AND m.patient_id = c.patient_id
    WHERE c.patient_id = ANY (app.patient_ids()) AND c.state IN ('issued', 'told') $$;
--> statement-breakpoint
-- What a checked paper code stands for at this moment, for whoever has compared the identity card: the newest
-- released result, or that a new test is asked for, or nothing.
CREATE FUNCTION app.paper_code_result(hash bytea, at timestamptz) RETURNS TABLE (state text, sampled_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT CASE WHEN app.recalled_alone(c.patient_id) THEN 'again' WHEN r.result IS NULL THEN 'none' ELSE r.result::text END,
    CASE WHEN app.recalled_alone(c.patient_id) THEN NULL ELSE r.sampled_at END
  FROM paper_code c LEFT JOIN LATERAL (SELECT x.result, x.sampled_at FROM person_result x WHERE x.patient_id = c.patient_id
      AND x.released_at IS NOT NULL AND x.withdrawn_at IS NULL ORDER BY x.sampled_at DESC LIMIT 1) r ON true
  WHERE c.number_hash = hash AND c.revoked_at IS NULL AND c.expires_at > at AND app.holds('paper-code.check') $$;
--> statement-breakpoint
-- Whoever holds the paper code in hand and has compared the identity card may take the person in, as if he had
-- read the card (app.link_patient).
CREATE FUNCTION app.link_by_paper_code(hash bytea, at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE found uuid;
BEGIN
  IF NOT app.holds('paper-code.check') OR app.institution() IS NULL THEN RETURN NULL; END IF;
  SELECT patient_id INTO found FROM paper_code WHERE number_hash = hash AND revoked_at IS NULL AND expires_at > at;
  IF found IS NOT NULL THEN
    INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (found, app.institution(), 'paper-code') ON CONFLICT DO NOTHING;
  END IF;
  RETURN found;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.recalled_alone(uuid), app.guard_health_card(), app.publish_card_revocation(), app.take_cards_back(),
  app.my_test_results(timestamptz), app.paper_code_result(bytea, timestamptz), app.link_by_paper_code(bytea, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.my_test_results(timestamptz), app.paper_code_result(bytea, timestamptz), app.link_by_paper_code(bytea, timestamptz)
  TO yilian_app, yilian_owner;
