-- Beds and capacity: who sees a bed and who lies in it, one person a bed, one bed a person, one bed a reference,
-- the last bed to exactly one of many, and the switch between peace and emergency. The services ask the same
-- questions first; this is the last word.

-- Staff of an institution whose work beds are.
CREATE FUNCTION app.bed_staff() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.holds('capacity.view') OR app.holds('capacity.manage') OR app.holds('capacity.switch') $$;
--> statement-breakpoint
-- The own house, and those it shares an alliance with; a health commission sees all.
CREATE FUNCTION app.allied(house uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND (house = app.institution() OR app.holds('alliance.view') OR EXISTS (
          SELECT 1 FROM alliance_member o JOIN alliance_member m ON m.alliance_id = o.alliance_id
          WHERE o.institution_id = app.institution() AND m.institution_id = house))) $$;
--> statement-breakpoint
CREATE FUNCTION app.sees_bed_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.bed_staff() AND (
          EXISTS (SELECT 1 FROM bed_stay s WHERE s.patient_id = patient AND s.institution_id = app.institution() AND s.until IS NULL)
          OR EXISTS (SELECT 1 FROM bed_hold h WHERE h.patient_id = patient AND h.institution_id = app.institution() AND h.outcome IS NULL)) $$;
--> statement-breakpoint
-- Numbers that count for a house at an instant. The defaults are server/capacity/domain.ts's; a test compares.
CREATE FUNCTION app.capacity_policy_of(house uuid, at timestamptz) RETURNS capacity_policy LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p capacity_policy;
BEGIN
  SELECT c.* INTO p FROM capacity_policy c JOIN institution i ON i.id = c.institution_id
    WHERE c.institution_id = house AND c.valid_from <= (at AT TIME ZONE i.time_zone)::date ORDER BY c.valid_from DESC LIMIT 1;
  IF NOT FOUND THEN
    p.institution_id := house; p.hold_hours := 24; p.max_hold_hours := 72; p.priority_percent := 30; p.beds_per_absence := 4;
    p.average_stay_days := 9; p.stale_hours := 12; p.emergency_purposes := '{infectious}';
  END IF;
  RETURN p;
END $$;
--> statement-breakpoint
-- Free at an instant: a hold whose time is over holds nothing, closed or not.
CREATE FUNCTION app.bed_is_free(of_bed uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM bed b WHERE b.id = of_bed AND b.out_of_use_since IS NULL AND b.cleaning_since IS NULL
          AND NOT EXISTS (SELECT 1 FROM bed_stay s WHERE s.bed_id = b.id AND s.until IS NULL)
          AND NOT EXISTS (SELECT 1 FROM bed_hold h WHERE h.bed_id = b.id AND h.outcome IS NULL AND h.until > at)) $$;
--> statement-breakpoint
CREATE FUNCTION app.free_beds(of_unit uuid, at timestamptz) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT count(*)::integer FROM bed b WHERE b.unit_id = of_unit AND app.bed_is_free(b.id, at) $$;
--> statement-breakpoint
-- Beds that are still kept for referrals from below.
CREATE FUNCTION app.priority_left(of_unit uuid, at timestamptz) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT greatest(0, floor((SELECT count(*) FROM bed b WHERE b.unit_id = of_unit AND b.out_of_use_since IS NULL)
            * (app.capacity_policy_of(u.institution_id, at)).priority_percent / 100.0)::integer
          - (SELECT count(*) FROM bed_hold h WHERE h.unit_id = of_unit AND h.outcome IS NULL AND h.until > at AND h.purpose = 'referral')::integer
          - (SELECT count(*) FROM bed_stay s WHERE s.unit_id = of_unit AND s.until IS NULL AND s.source = 'referral')::integer)
        FROM bed_unit u WHERE u.id = of_unit $$;
--> statement-breakpoint
CREATE FUNCTION app.unit_clears(of_unit uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM mode_switch m WHERE m.unit_id = of_unit AND m.state = 'clearing') $$;
--> statement-breakpoint
-- Whether a unit takes somebody for a purpose as it is: not while it is cleared or disinfected, and in an
-- emergency only for what the emergency is. Null purpose: the ward's own admission.
CREATE FUNCTION app.unit_takes(of_unit uuid, for_purpose bed_hold_purpose, at timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT u.active AND NOT app.unit_clears(u.id) AND CASE u.mode WHEN 'peace' THEN true
          WHEN 'emergency' THEN for_purpose IS NULL OR for_purpose = ANY ((app.capacity_policy_of(u.institution_id, at)).emergency_purposes)
          ELSE false END FROM bed_unit u WHERE u.id = of_unit $$;
--> statement-breakpoint
-- One free bed of a department for one person, in one statement. Whoever asks again for the same reference gets
-- the same bed. The units are locked, so that of many who want the last bed each sees what the one before made.
-- outcome: held, again, full, closed, emergency, priority, elsewhere, patient-held, denied. Who is refused hears
-- which institution holds the bed that becomes free first, and until when; never for whom.
CREATE FUNCTION app.hold_bed(of_institution uuid, of_department uuid, of_kind text, of_patient uuid, for_purpose text, for_reference uuid, for_hours integer,
    now_at timestamptz) RETURNS TABLE (outcome text, hold_id uuid, holder uuid, holder_until timestamptz, held_until timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p capacity_policy; open_hold bed_hold; units uuid[]; taking uuid[]; found_bed uuid; found_unit uuid; made uuid; ends timestamptz;
  why bed_hold_purpose := for_purpose::bed_hold_purpose;
BEGIN
  IF NOT app.internal() AND NOT (app.kind() = 'staff' AND app.allied(of_institution) AND (app.may_see_patient(of_patient) OR app.sees_bed_patient(of_patient))
       AND (why <> 'ward' OR (of_institution = app.institution() AND app.holds('capacity.manage')))) THEN
    RETURN QUERY SELECT 'denied', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(for_reference::text, 61));
  PERFORM pg_advisory_xact_lock(hashtextextended(of_patient::text, 62));
  -- What is over holds nothing; closing it here makes room under the indexes.
  UPDATE bed_hold h SET outcome = 'lapsed', ended_at = h.until, version = h.version + 1
    WHERE h.outcome IS NULL AND h.until <= now_at AND (h.reference_id = for_reference OR h.patient_id = of_patient);
  SELECT * INTO open_hold FROM bed_hold h WHERE h.reference_id = for_reference AND h.outcome IS NULL;
  IF FOUND THEN
    RETURN QUERY SELECT CASE WHEN open_hold.patient_id <> of_patient THEN 'denied' WHEN open_hold.department_id = of_department THEN 'again' ELSE 'elsewhere' END,
      CASE WHEN open_hold.patient_id = of_patient THEN open_hold.id END, open_hold.institution_id, open_hold.until, open_hold.until; RETURN;
  END IF;
  SELECT * INTO open_hold FROM bed_hold h WHERE h.patient_id = of_patient AND h.outcome IS NULL;
  IF FOUND THEN
    RETURN QUERY SELECT 'patient-held', NULL::uuid, open_hold.institution_id, open_hold.until, NULL::timestamptz; RETURN;
  END IF;
  p := app.capacity_policy_of(of_institution, now_at);
  SELECT array_agg(l.id) INTO units FROM (SELECT u.id FROM bed_unit u WHERE u.institution_id = of_institution AND u.department_id = of_department AND u.active
    AND (u.kind::text = of_kind OR (of_kind IS NULL AND CASE WHEN why = 'infectious' THEN u.kind = 'isolation' OR u.mode <> 'peace'
      ELSE u.kind IN ('ordinary', 'rehabilitation', 'long-term') END)) ORDER BY u.id FOR NO KEY UPDATE) l;
  IF units IS NULL THEN
    RETURN QUERY SELECT 'closed', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  SELECT array_agg(u) INTO taking FROM unnest(units) u WHERE app.unit_takes(u, why, now_at);
  IF taking IS NULL THEN
    RETURN QUERY SELECT 'emergency', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  SELECT b.id, b.unit_id INTO found_bed, found_unit FROM bed b JOIN bed_unit u ON u.id = b.unit_id
    WHERE b.unit_id = ANY (taking) AND app.bed_is_free(b.id, now_at)
      AND (why <> 'ward' OR app.free_beds(b.unit_id, now_at) > app.priority_left(b.unit_id, now_at))
    ORDER BY u.kind, u.name_zh, u.id, length(b.label), b.label LIMIT 1;
  IF found_bed IS NULL THEN
    IF why = 'ward' AND EXISTS (SELECT 1 FROM unnest(taking) u WHERE app.free_beds(u, now_at) > 0) THEN
      RETURN QUERY SELECT 'priority', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
    END IF;
    RETURN QUERY SELECT 'full', NULL::uuid, x.house, x.ends, NULL::timestamptz FROM (
      SELECT h.held_by_institution_id AS house, h.until AS ends, 1 AS rank FROM bed_hold h WHERE h.unit_id = ANY (taking) AND h.outcome IS NULL AND h.until > now_at
      UNION ALL SELECT of_institution, NULL, 2 ORDER BY rank, ends LIMIT 1) x; RETURN;
  END IF;
  ends := now_at + make_interval(hours => least(coalesce(for_hours, p.hold_hours), p.max_hold_hours));
  INSERT INTO bed_hold (bed_id, unit_id, department_id, institution_id, patient_id, purpose, reference_id, held_by_institution_id, held_by_person_id, since, until)
    VALUES (found_bed, found_unit, of_department, of_institution, of_patient, why, for_reference, coalesce(app.institution(), of_institution), app.person(), now_at, ends)
    RETURNING id INTO made;
  RETURN QUERY SELECT 'held', made, coalesce(app.institution(), of_institution), ends, ends;
END $$;
--> statement-breakpoint
-- Who may act on a hold: who asked for it, the house whose bed it is, and clocks.
CREATE FUNCTION app.holds_bed(h bed_hold) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND app.institution() IN (h.institution_id, h.held_by_institution_id)) $$;
--> statement-breakpoint
-- The patient has set off: longer, never past the longest. outcome: extended, again, ended, order, too-long, denied.
CREATE FUNCTION app.extend_hold(of_hold uuid, new_until timestamptz, why text, now_at timestamptz) RETURNS TABLE (outcome text, latest timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE h bed_hold; longest timestamptz;
BEGIN
  SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT app.holds_bed(h) THEN RETURN QUERY SELECT 'denied', NULL::timestamptz; RETURN; END IF;
  longest := h.since + make_interval(hours => (app.capacity_policy_of(h.institution_id, now_at)).max_hold_hours);
  IF h.outcome IS NOT NULL OR h.until <= now_at THEN RETURN QUERY SELECT 'ended', longest; RETURN; END IF;
  IF h.until = new_until AND h.extended_reason = why THEN RETURN QUERY SELECT 'again', longest; RETURN; END IF;
  IF new_until <= h.until THEN RETURN QUERY SELECT 'order', longest; RETURN; END IF;
  IF new_until > longest THEN RETURN QUERY SELECT 'too-long', longest; RETURN; END IF;
  UPDATE bed_hold x SET until = new_until, extended_at = now_at, extended_reason = why, version = x.version + 1 WHERE x.id = of_hold;
  RETURN QUERY SELECT 'extended', longest;
END $$;
--> statement-breakpoint
-- outcome: released, again (it had ended before), denied.
CREATE FUNCTION app.release_hold(of_hold uuid, why text, now_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE h bed_hold;
BEGIN
  SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT app.holds_bed(h) THEN RETURN 'denied'; END IF;
  IF h.outcome IS NOT NULL THEN RETURN 'again'; END IF;
  UPDATE bed_hold x SET outcome = CASE WHEN x.until <= now_at THEN 'lapsed' ELSE 'released' END::bed_hold_outcome, ended_at = least(x.until, now_at), end_reason = why,
    ended_by_person_id = app.person(), version = x.version + 1 WHERE x.id = of_hold;
  RETURN 'released';
END $$;
--> statement-breakpoint
-- Into a bed: out of a hold, or at the ward's own door. outcome: admitted, again, ended, not-free, patient-in-bed,
-- priority, emergency, denied.
CREATE FUNCTION app.admit_to_bed(of_bed uuid, of_patient uuid, of_hold uuid, expected_on date, over_quota text, now_at timestamptz) RETURNS TABLE (outcome text, stay_id uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE h bed_hold; b bed; made uuid; who uuid := of_patient;
BEGIN
  IF of_hold IS NOT NULL THEN
    SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold;
    IF NOT FOUND OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = h.institution_id)) THEN RETURN QUERY SELECT 'denied', NULL::uuid; RETURN; END IF;
    who := h.patient_id;
  END IF;
  SELECT * INTO b FROM bed x WHERE x.id = coalesce(of_bed, h.bed_id);
  IF NOT FOUND OR who IS NULL OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = b.institution_id
       AND (of_hold IS NOT NULL OR (app.holds('capacity.manage') AND (app.may_see_patient(who) OR app.sees_bed_patient(who))))))
     OR (of_hold IS NOT NULL AND b.institution_id <> h.institution_id) THEN
    RETURN QUERY SELECT 'denied', NULL::uuid; RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(who::text, 62));
  PERFORM 1 FROM bed_unit u WHERE u.id IN (b.unit_id, h.unit_id) ORDER BY u.id FOR NO KEY UPDATE;
  IF of_hold IS NOT NULL THEN
    SELECT s.id INTO made FROM bed_stay s WHERE s.hold_id = of_hold;
    IF FOUND THEN RETURN QUERY SELECT 'again', made; RETURN; END IF;
    SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold FOR NO KEY UPDATE;
    IF h.outcome IS NOT NULL THEN RETURN QUERY SELECT 'ended', NULL::uuid; RETURN; END IF;
  ELSE
    SELECT s.id INTO made FROM bed_stay s WHERE s.patient_id = who AND s.bed_id = b.id AND s.until IS NULL;
    IF FOUND THEN RETURN QUERY SELECT 'again', made; RETURN; END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM bed_stay s WHERE s.patient_id = who AND s.until IS NULL) THEN RETURN QUERY SELECT 'patient-in-bed', NULL::uuid; RETURN; END IF;
  IF NOT app.unit_takes(b.unit_id, h.purpose, now_at) THEN RETURN QUERY SELECT 'emergency', NULL::uuid; RETURN; END IF;
  IF NOT (app.bed_is_free(b.id, now_at) OR (h.bed_id IS NOT DISTINCT FROM b.id AND NOT EXISTS (SELECT 1 FROM bed_stay s WHERE s.bed_id = b.id AND s.until IS NULL)
       AND b.out_of_use_since IS NULL AND b.cleaning_since IS NULL)) THEN
    RETURN QUERY SELECT 'not-free', NULL::uuid; RETURN;
  END IF;
  IF of_hold IS NULL AND over_quota IS NULL AND app.free_beds(b.unit_id, now_at) <= app.priority_left(b.unit_id, now_at) THEN
    RETURN QUERY SELECT 'priority', NULL::uuid; RETURN;
  END IF;
  IF of_hold IS NOT NULL THEN
    UPDATE bed_hold x SET outcome = 'taken', ended_at = greatest(now_at, x.since), ended_by_person_id = app.person(), version = x.version + 1 WHERE x.id = of_hold;
  END IF;
  INSERT INTO bed_stay (bed_id, unit_id, institution_id, patient_id, source, hold_id, since, expected_discharge_on, over_quota_reason, admitted_by)
    VALUES (b.id, b.unit_id, b.institution_id, who, CASE WHEN of_hold IS NULL THEN 'direct' WHEN h.purpose = 'referral' THEN 'referral' ELSE 'hold' END::bed_stay_source,
      of_hold, now_at, expected_on, over_quota, app.person()) RETURNING id INTO made;
  RETURN QUERY SELECT 'admitted', made;
END $$;
--> statement-breakpoint
-- Out of a bed, which is to be cleaned. outcome: discharged, again, order, denied.
CREATE FUNCTION app.leave_bed(of_stay uuid, left_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE s bed_stay;
BEGIN
  SELECT * INTO s FROM bed_stay x WHERE x.id = of_stay;
  IF NOT FOUND OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = s.institution_id)) THEN RETURN 'denied'; END IF;
  PERFORM 1 FROM bed_unit u WHERE u.id = s.unit_id FOR NO KEY UPDATE;
  SELECT * INTO s FROM bed_stay x WHERE x.id = of_stay FOR NO KEY UPDATE;
  IF s.until IS NOT NULL THEN RETURN 'again'; END IF;
  IF left_at < s.since THEN RETURN 'order'; END IF;
  UPDATE bed_stay x SET until = left_at, discharged_by = app.person() WHERE x.id = of_stay;
  RETURN 'discharged';
END $$;
--> statement-breakpoint
-- The day somebody is expected to leave.
CREATE FUNCTION app.expect_discharge(of_stay uuid, expected_on date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE bed_stay x SET expected_discharge_on = expected_on WHERE x.id = of_stay AND x.until IS NULL
    AND (app.internal() OR (app.kind() = 'staff' AND app.institution() = x.institution_id AND app.holds('capacity.manage')));
  RETURN FOUND;
END $$;
--> statement-breakpoint
-- A hold of a bed that is free, and nothing of it changes afterwards but its end.
CREATE FUNCTION app.guard_bed_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE bed_hold h SET outcome = 'lapsed', ended_at = h.until, version = h.version + 1 WHERE h.bed_id = NEW.bed_id AND h.outcome IS NULL AND h.until <= NEW.since;
    IF NEW.outcome IS NOT NULL OR NEW.version <> 1 OR NEW.extended_at IS NOT NULL OR NEW.told_at IS NOT NULL OR NOT app.bed_is_free(NEW.bed_id, NEW.since)
       OR NOT EXISTS (SELECT 1 FROM bed_unit u WHERE u.id = NEW.unit_id AND u.institution_id = NEW.institution_id AND u.department_id = NEW.department_id) THEN
      RAISE EXCEPTION 'not a free bed of this department' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_hold_free';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NOT changed <@ (CASE WHEN OLD.outcome IS NULL THEN ARRAY['until', 'extended_at', 'extended_reason', 'outcome', 'ended_at', 'end_reason', 'ended_by_person_id', 'version']
       ELSE ARRAY['told_at'] END) OR (OLD.outcome IS NOT NULL AND OLD.told_at IS NOT NULL) OR (NEW.until < OLD.until) OR (OLD.outcome IS NULL AND NEW.version <> OLD.version + 1) THEN
    RAISE EXCEPTION 'a hold stands' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_hold_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_hold_guard BEFORE INSERT OR UPDATE ON bed_hold FOR EACH ROW EXECUTE FUNCTION app.guard_bed_hold();
--> statement-breakpoint
CREATE FUNCTION app.guard_bed_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE bed_hold h SET outcome = 'lapsed', ended_at = h.until, version = h.version + 1 WHERE h.bed_id = NEW.bed_id AND h.outcome IS NULL AND h.until <= NEW.since;
    IF NEW.until IS NOT NULL OR NOT app.bed_is_free(NEW.bed_id, NEW.since)
       OR NOT EXISTS (SELECT 1 FROM bed_unit u WHERE u.id = NEW.unit_id AND u.institution_id = NEW.institution_id) THEN
      RAISE EXCEPTION 'not a free bed' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_stay_free';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF OLD.until IS NOT NULL OR NOT changed <@ ARRAY['until', 'discharged_by', 'expected_discharge_on'] THEN
    RAISE EXCEPTION 'a stay stands' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_stay_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_stay_guard BEFORE INSERT OR UPDATE ON bed_stay FOR EACH ROW EXECUTE FUNCTION app.guard_bed_stay();
--> statement-breakpoint
-- When the last one has left a unit that is cleared, it counts as one for the emergency.
CREATE FUNCTION app.settle_switch(of_unit uuid, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM bed_stay s WHERE s.unit_id = of_unit AND s.until IS NULL) THEN
    UPDATE mode_switch m SET state = 'emergency', emergency_at = greatest(at, m.executed_at), version = m.version + 1 WHERE m.unit_id = of_unit AND m.state = 'clearing';
  END IF;
END $$;
--> statement-breakpoint
-- Whoever comes makes the house a house of his; whoever leaves leaves a bed to be cleaned.
CREATE FUNCTION app.follow_bed_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (NEW.patient_id, NEW.institution_id, 'bed') ON CONFLICT DO NOTHING;
    UPDATE bed_unit u SET touched_at = greatest(u.touched_at, NEW.since) WHERE u.id = NEW.unit_id;
  ELSIF OLD.until IS NULL AND NEW.until IS NOT NULL THEN
    UPDATE bed b SET cleaning_since = NEW.until WHERE b.id = NEW.bed_id;
    UPDATE bed_unit u SET touched_at = greatest(u.touched_at, NEW.until) WHERE u.id = NEW.unit_id;
    UPDATE mode_switch_transfer t SET destination = coalesce(t.destination, 'home'), resolved_at = NEW.until, resolved_by = app.person()
      FROM mode_switch m WHERE m.id = t.switch_id AND m.state = 'clearing' AND t.stay_id = NEW.id AND t.resolved_at IS NULL;
    PERFORM app.settle_switch(NEW.unit_id, NEW.until);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_stay_follow AFTER INSERT OR UPDATE ON bed_stay FOR EACH ROW EXECUTE FUNCTION app.follow_bed_stay();
--> statement-breakpoint
-- A bed with somebody in it is neither closed nor cleaned; one that is held is not closed.
CREATE FUNCTION app.guard_bed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE u bed_unit;
BEGIN
  SELECT * INTO u FROM bed_unit x WHERE x.id = NEW.unit_id;
  IF TG_OP = 'UPDATE' AND app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'unit_id', 'institution_id', 'created_at'] THEN
    RAISE EXCEPTION 'a bed stays where it is' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_stands';
  END IF;
  IF NEW.out_of_use_since IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.out_of_use_since IS NULL)
     AND (EXISTS (SELECT 1 FROM bed_stay s WHERE s.bed_id = NEW.id AND s.until IS NULL)
       OR EXISTS (SELECT 1 FROM bed_hold h WHERE h.bed_id = NEW.id AND h.outcome IS NULL AND h.until > NEW.out_of_use_since)) THEN
    RAISE EXCEPTION 'somebody is in this bed or awaited' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_in_use';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.cleaning_since IS NOT NULL AND NEW.cleaning_since IS NULL AND u.mode = 'closed-for-disinfection'
     AND NOT EXISTS (SELECT 1 FROM bed_disinfection d JOIN mode_switch m ON m.id = d.switch_id WHERE d.bed_id = NEW.id AND m.state = 'disinfecting') THEN
    RAISE EXCEPTION 'disinfected with a signature' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_disinfect_first';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_guard BEFORE INSERT OR UPDATE ON bed FOR EACH ROW EXECUTE FUNCTION app.guard_bed();
--> statement-breakpoint
CREATE FUNCTION app.guard_bed_unit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.mode <> 'peace' THEN
      RAISE EXCEPTION 'a mode is changed by a switch' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_unit_mode_by_switch';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.active AND NOT NEW.active AND (EXISTS (SELECT 1 FROM bed_stay s WHERE s.unit_id = NEW.id AND s.until IS NULL)
      OR EXISTS (SELECT 1 FROM bed_hold h WHERE h.unit_id = NEW.id AND h.outcome IS NULL)
      OR EXISTS (SELECT 1 FROM mode_switch m WHERE m.unit_id = NEW.id AND m.state NOT IN ('ended', 'cancelled'))) THEN
    RAISE EXCEPTION 'somebody is in this unit or awaited' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_in_use';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_unit_guard BEFORE INSERT OR UPDATE ON bed_unit FOR EACH ROW EXECUTE FUNCTION app.guard_bed_unit();
--> statement-breakpoint
-- The order of a switch. The rows come from server/capacity/domain.ts; a test compares both.
CREATE TABLE mode_switch_transition (from_state mode_switch_state NOT NULL, to_state mode_switch_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO mode_switch_transition (from_state, to_state) VALUES ('ordered', 'confirmed'), ('ordered', 'cancelled'), ('confirmed', 'clearing'), ('confirmed', 'cancelled'),
  ('clearing', 'emergency'), ('clearing', 'cancelled'), ('emergency', 'disinfecting'), ('disinfecting', 'ended');
--> statement-breakpoint
CREATE FUNCTION app.guard_mode_switch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[]; allowed text[]; signer uuid;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'ordered' OR NEW.version <> 1 OR NEW.confirmed_by IS NOT NULL OR NEW.executed_at IS NOT NULL OR NEW.planned_at < NEW.ordered_at
       OR NOT EXISTS (SELECT 1 FROM bed_unit u WHERE u.id = NEW.unit_id AND u.active AND u.mode = 'peace') THEN
      RAISE EXCEPTION 'a switch begins with its order' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_order';
    END IF;
    IF app.kind() = 'staff' AND NEW.ordered_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'mode_switch_own_name';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'mode_switch_version';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM mode_switch_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a switch cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_order';
  END IF;
  allowed := ARRAY['state', 'version'] || CASE NEW.state WHEN 'confirmed' THEN ARRAY['confirmed_by', 'confirmed_at'] WHEN 'clearing' THEN ARRAY['executed_at']
    WHEN 'emergency' THEN ARRAY['emergency_at'] WHEN 'disinfecting' THEN ARRAY['end_ordered_by', 'end_ordered_at'] WHEN 'ended' THEN ARRAY['ended_by', 'ended_at']
    ELSE ARRAY['cancelled_by', 'cancelled_at', 'cancel_reason'] END;
  IF NOT changed <@ allowed THEN
    RAISE EXCEPTION 'what is ordered stands' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_order';
  END IF;
  signer := CASE NEW.state WHEN 'confirmed' THEN NEW.confirmed_by WHEN 'disinfecting' THEN NEW.end_ordered_by WHEN 'ended' THEN NEW.ended_by
    WHEN 'cancelled' THEN NEW.cancelled_by END;
  IF NEW.state IN ('confirmed', 'disinfecting', 'ended', 'cancelled') AND (signer IS NULL OR (app.kind() = 'staff' AND signer <> app.person())) THEN
    RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'mode_switch_own_name';
  END IF;
  PERFORM 1 FROM bed_unit u WHERE u.id = NEW.unit_id FOR NO KEY UPDATE;
  IF NEW.state = 'clearing' AND (NEW.executed_at IS NULL OR NEW.executed_at < OLD.planned_at) THEN
    RAISE EXCEPTION 'not before its time' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_too_early';
  END IF;
  IF NEW.state = 'emergency' AND (NEW.emergency_at IS NULL OR EXISTS (SELECT 1 FROM bed_stay s WHERE s.unit_id = NEW.unit_id AND s.until IS NULL)) THEN
    RAISE EXCEPTION 'somebody is still in this unit' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_patients';
  END IF;
  IF NEW.state = 'disinfecting' AND (NEW.end_ordered_at IS NULL OR EXISTS (SELECT 1 FROM bed_stay s WHERE s.unit_id = NEW.unit_id AND s.until IS NULL)
       OR EXISTS (SELECT 1 FROM bed_hold h WHERE h.unit_id = NEW.unit_id AND h.outcome IS NULL AND h.until > NEW.end_ordered_at)) THEN
    RAISE EXCEPTION 'somebody is still in this unit, or awaited' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_patients';
  END IF;
  IF NEW.state = 'ended' AND (NEW.ended_at IS NULL OR EXISTS (SELECT 1 FROM bed b WHERE b.unit_id = NEW.unit_id
       AND NOT EXISTS (SELECT 1 FROM bed_disinfection d WHERE d.switch_id = NEW.id AND d.bed_id = b.id))) THEN
    RAISE EXCEPTION 'every bed is disinfected first' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_disinfect_first';
  END IF;
  IF NEW.state = 'cancelled' AND (NEW.cancelled_at IS NULL OR coalesce(btrim(NEW.cancel_reason), '') = '') THEN
    RAISE EXCEPTION 'a reason is said' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_order';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER mode_switch_guard BEFORE INSERT OR UPDATE ON mode_switch FOR EACH ROW EXECUTE FUNCTION app.guard_mode_switch();
--> statement-breakpoint
-- What a step does to the unit: a line for everybody who is in it, ordinary holds given back, its mode.
CREATE FUNCTION app.follow_mode_switch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.state = 'clearing' THEN
    INSERT INTO mode_switch_transfer (switch_id, institution_id, stay_id, patient_id)
      SELECT NEW.id, s.institution_id, s.id, s.patient_id FROM bed_stay s WHERE s.unit_id = NEW.unit_id AND s.until IS NULL ON CONFLICT DO NOTHING;
    UPDATE mode_switch_transfer t SET destination = coalesce(t.destination, 'home'), resolved_at = s.until, resolved_by = s.discharged_by FROM bed_stay s
      WHERE t.switch_id = NEW.id AND s.id = t.stay_id AND s.until IS NOT NULL AND t.resolved_at IS NULL;
    UPDATE bed_hold h SET outcome = CASE WHEN h.until <= NEW.executed_at THEN 'lapsed' ELSE 'released' END::bed_hold_outcome, ended_at = least(h.until, NEW.executed_at),
      end_reason = 'mode-switch', version = h.version + 1 WHERE h.unit_id = NEW.unit_id AND h.outcome IS NULL
      AND NOT (h.purpose = ANY ((app.capacity_policy_of(NEW.institution_id, NEW.executed_at)).emergency_purposes));
    PERFORM app.settle_switch(NEW.unit_id, NEW.executed_at);
  ELSIF NEW.state IN ('emergency', 'disinfecting', 'ended') THEN
    UPDATE bed_unit u SET mode = CASE NEW.state WHEN 'emergency' THEN 'emergency' WHEN 'disinfecting' THEN 'closed-for-disinfection' ELSE 'peace' END::bed_unit_mode,
      touched_at = greatest(u.touched_at, CASE NEW.state WHEN 'emergency' THEN NEW.emergency_at WHEN 'disinfecting' THEN NEW.end_ordered_at ELSE NEW.ended_at END)
      WHERE u.id = NEW.unit_id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER mode_switch_follow AFTER UPDATE OF state ON mode_switch FOR EACH ROW EXECUTE FUNCTION app.follow_mode_switch();
--> statement-breakpoint
CREATE FUNCTION app.guard_mode_switch_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.resolved_at IS NOT NULL THEN
    RAISE EXCEPTION 'nobody has left yet' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_transfer_stands';
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.resolved_at IS NOT NULL OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'switch_id', 'institution_id', 'stay_id', 'patient_id', 'created_at']) THEN
    RAISE EXCEPTION 'who has left has left' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_transfer_stands';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM mode_switch m JOIN bed_stay s ON s.unit_id = m.unit_id WHERE m.id = NEW.switch_id AND s.id = NEW.stay_id AND s.patient_id = NEW.patient_id
       AND m.institution_id = NEW.institution_id AND m.state IN ('ordered', 'confirmed', 'clearing'))
     OR (NEW.to_unit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bed_unit u JOIN mode_switch m ON m.id = NEW.switch_id WHERE u.id = NEW.to_unit_id AND u.institution_id = NEW.institution_id AND u.id <> m.unit_id)) THEN
    RAISE EXCEPTION 'not somebody of this unit' USING ERRCODE = 'YL001', CONSTRAINT = 'mode_switch_transfer_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER mode_switch_transfer_guard BEFORE INSERT OR UPDATE ON mode_switch_transfer FOR EACH ROW EXECUTE FUNCTION app.guard_mode_switch_transfer();
--> statement-breakpoint
-- Somebody leaves a unit that is cleared: into a free bed of another unit of the house, home, or to another
-- hospital. outcome: resolved, again, full, not-yet, denied.
CREATE FUNCTION app.resolve_displaced(of_line uuid, to_where text, of_unit uuid, of_name text, now_at timestamptz) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t mode_switch_transfer; s bed_stay; m mode_switch; goes uuid;
BEGIN
  SELECT * INTO t FROM mode_switch_transfer x WHERE x.id = of_line;
  IF NOT FOUND OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = t.institution_id AND (app.holds('capacity.manage') OR app.holds('capacity.switch')))) THEN
    RETURN 'denied';
  END IF;
  SELECT * INTO m FROM mode_switch x WHERE x.id = t.switch_id;
  PERFORM 1 FROM bed_unit u WHERE u.id IN (m.unit_id, of_unit) ORDER BY u.id FOR NO KEY UPDATE;
  SELECT * INTO t FROM mode_switch_transfer x WHERE x.id = of_line FOR NO KEY UPDATE;
  SELECT * INTO m FROM mode_switch x WHERE x.id = t.switch_id;
  IF t.resolved_at IS NOT NULL THEN RETURN 'again'; END IF;
  IF m.state <> 'clearing' THEN RETURN 'not-yet'; END IF;
  IF to_where = 'unit' THEN
    SELECT b.id INTO goes FROM bed b WHERE b.unit_id = of_unit AND b.institution_id = t.institution_id AND b.unit_id <> m.unit_id AND app.unit_takes(b.unit_id, NULL, now_at)
      AND app.bed_is_free(b.id, now_at) ORDER BY length(b.label), b.label LIMIT 1;
    IF goes IS NULL THEN RETURN 'full'; END IF;
  END IF;
  UPDATE mode_switch_transfer x SET destination = to_where::displaced_destination, to_unit_id = CASE WHEN to_where = 'unit' THEN of_unit END,
    to_name = CASE WHEN to_where = 'other-hospital' THEN of_name END WHERE x.id = of_line;
  SELECT * INTO s FROM bed_stay x WHERE x.id = t.stay_id FOR NO KEY UPDATE;
  UPDATE bed_stay x SET until = greatest(now_at, x.since), discharged_by = app.person() WHERE x.id = t.stay_id AND x.until IS NULL;
  IF goes IS NOT NULL THEN
    INSERT INTO bed_stay (bed_id, unit_id, institution_id, patient_id, source, since, expected_discharge_on, admitted_by)
      VALUES (goes, of_unit, s.institution_id, s.patient_id, 'displaced', greatest(now_at, s.since), s.expected_discharge_on, app.person());
  END IF;
  RETURN 'resolved';
END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_bed_disinfection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mode_switch m JOIN bed b ON b.unit_id = m.unit_id WHERE m.id = NEW.switch_id AND b.id = NEW.bed_id AND m.institution_id = NEW.institution_id
       AND m.state = 'disinfecting' AND NEW.disinfected_at >= m.end_ordered_at) THEN
    RAISE EXCEPTION 'disinfected after the last one has left' USING ERRCODE = 'YL001', CONSTRAINT = 'bed_disinfection_time';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_disinfection_guard BEFORE INSERT ON bed_disinfection FOR EACH ROW EXECUTE FUNCTION app.guard_bed_disinfection();
--> statement-breakpoint
CREATE FUNCTION app.follow_bed_disinfection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE bed b SET cleaning_since = NULL WHERE b.id = NEW.bed_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_disinfection_follow AFTER INSERT ON bed_disinfection FOR EACH ROW EXECUTE FUNCTION app.follow_bed_disinfection();
--> statement-breakpoint
-- Who is away works in this house, and is away once at a time.
ALTER TABLE staff_absence ADD CONSTRAINT staff_absence_once EXCLUDE USING gist (person_id WITH =, institution_id WITH =, daterange(from_day, to_day, '[]') WITH &&) WHERE (cancelled_at IS NULL);
--> statement-breakpoint
CREATE FUNCTION app.guard_staff_absence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.cancelled_at IS NOT NULL OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['covered_by', 'cancelled_at', 'cancelled_by'] THEN
      RAISE EXCEPTION 'an absence stands' USING ERRCODE = 'YL001', CONSTRAINT = 'staff_absence_stands';
    END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM unnest(ARRAY[NEW.person_id, NEW.covered_by]) p WHERE p IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM role_assignment a WHERE a.person_id = p AND a.institution_id = NEW.institution_id)) THEN
    RAISE EXCEPTION 'not of the staff of this house' USING ERRCODE = 'YL001', CONSTRAINT = 'staff_absence_person';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER staff_absence_guard BEFORE INSERT OR UPDATE ON staff_absence FOR EACH ROW EXECUTE FUNCTION app.guard_staff_absence();
--> statement-breakpoint
-- Counts of the units of houses that may be seen: no patient, nobody of the staff by name. Null: all that may be seen.
-- leaves_on has a day for every occupied bed, without order: expected, or the unit's average of the last 90 days.
CREATE FUNCTION app.capacity_counts(houses uuid[], now_at timestamptz) RETURNS TABLE (unit_id uuid, institution_id uuid, department_id uuid, name_zh text, name_en text,
    name_bo text, kind text, mode text, clearing boolean, touched_at timestamptz, stale boolean, beds integer, occupied integer, held integer, cleaning integer,
    out_of_use integer, priority_left integer, absent integer, uncovered integer, beds_per_absence integer, leaves_on date[], today date)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  WITH house AS MATERIALIZED (
    SELECT i.id, i.time_zone, (now_at AT TIME ZONE i.time_zone)::date AS today, app.capacity_policy_of(i.id, now_at) AS p
    FROM institution i WHERE (houses IS NULL OR i.id = ANY (houses)) AND EXISTS (SELECT 1 FROM bed_unit u WHERE u.institution_id = i.id) AND app.allied(i.id)),
  unit AS (SELECT u.*, h.today, h.time_zone, h.p FROM bed_unit u JOIN house h ON h.id = u.institution_id WHERE u.active),
  open_stay AS (SELECT s.* FROM bed_stay s JOIN unit u ON u.id = s.unit_id WHERE s.until IS NULL),
  live_hold AS (SELECT h.* FROM bed_hold h JOIN unit u ON u.id = h.unit_id WHERE h.outcome IS NULL AND h.until > now_at),
  counted AS (SELECT b.unit_id, count(*) AS beds, count(s.id) AS occupied,
      count(*) FILTER (WHERE s.id IS NULL AND b.out_of_use_since IS NOT NULL) AS out_of_use,
      count(*) FILTER (WHERE s.id IS NULL AND b.out_of_use_since IS NULL AND b.cleaning_since IS NOT NULL) AS cleaning,
      count(*) FILTER (WHERE s.id IS NULL AND b.out_of_use_since IS NULL AND b.cleaning_since IS NULL AND h.id IS NOT NULL) AS held,
      count(*) FILTER (WHERE b.out_of_use_since IS NULL) AS usable,
      count(*) FILTER (WHERE s.source = 'referral' OR (h.id IS NOT NULL AND h.purpose = 'referral')) AS by_referral
    FROM bed b JOIN unit u ON u.id = b.unit_id LEFT JOIN open_stay s ON s.bed_id = b.id LEFT JOIN live_hold h ON h.bed_id = b.id GROUP BY b.unit_id),
  average AS (SELECT u.id, coalesce((SELECT greatest(1, ceil(avg(extract(epoch FROM s.until - s.since) / 86400)))::integer FROM bed_stay s
      WHERE s.unit_id = u.id AND s.until > now_at - interval '90 days' AND s.source <> 'displaced' HAVING count(*) >= 5), (u.p).average_stay_days) AS days FROM unit u),
  leaving AS (SELECT s.unit_id, array_agg(coalesce(s.expected_discharge_on, (s.since AT TIME ZONE u.time_zone)::date + a.days)
      ORDER BY coalesce(s.expected_discharge_on, (s.since AT TIME ZONE u.time_zone)::date + a.days)) AS days
    FROM open_stay s JOIN unit u ON u.id = s.unit_id JOIN average a ON a.id = u.id GROUP BY s.unit_id),
  away AS (SELECT x.department_id, count(*) AS absent, count(*) FILTER (WHERE x.covered_by IS NULL) AS uncovered
    FROM staff_absence x JOIN house h ON h.id = x.institution_id WHERE x.cancelled_at IS NULL AND h.today BETWEEN x.from_day AND x.to_day GROUP BY x.department_id)
  SELECT u.id, u.institution_id, u.department_id, u.name_zh, u.name_en, u.name_bo, u.kind::text, u.mode::text, app.unit_clears(u.id), u.touched_at,
    u.touched_at < now_at - make_interval(hours => (u.p).stale_hours), coalesce(c.beds, 0)::integer, coalesce(c.occupied, 0)::integer, coalesce(c.held, 0)::integer,
    coalesce(c.cleaning, 0)::integer, coalesce(c.out_of_use, 0)::integer,
    greatest(0, floor(coalesce(c.usable, 0) * (u.p).priority_percent / 100.0)::integer - coalesce(c.by_referral, 0)::integer),
    coalesce(w.absent, 0)::integer, coalesce(w.uncovered, 0)::integer, (u.p).beds_per_absence::integer, coalesce(l.days, '{}'), u.today
  FROM unit u LEFT JOIN counted c ON c.unit_id = u.id LEFT JOIN leaving l ON l.unit_id = u.id LEFT JOIN away w ON w.department_id = u.department_id
  ORDER BY u.institution_id, u.department_id, u.name_zh, u.id $$;
--> statement-breakpoint
-- How many appointments a department has in a time: a count, for whoever looks at a switch.
CREATE FUNCTION app.department_appointments(of_department uuid, from_at timestamptz, to_at timestamptz) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() OR app.holds('capacity.switch') OR app.holds('capacity.manage') THEN (SELECT count(*)::integer FROM appointment a
          JOIN clinic_schedule c ON c.id = a.schedule_id JOIN segment g ON g.id = a.segment_id
          WHERE c.department_id = of_department AND c.institution_id = coalesce(app.institution(), c.institution_id) AND g.starts_at >= from_at AND g.starts_at < to_at
            AND a.state IN ('booked', 'checked-in', 'waiting')) ELSE 0 END $$;
--> statement-breakpoint
-- A hold that has ended and of which nobody has heard: closed when its time is over, and told of once.
CREATE FUNCTION app.close_bed_hold(of_hold uuid, now_at timestamptz) RETURNS SETOF bed_hold LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  PERFORM 1 FROM bed_hold x WHERE x.id = of_hold FOR NO KEY UPDATE;
  UPDATE bed_hold x SET outcome = 'lapsed', ended_at = x.until, version = x.version + 1 WHERE x.id = of_hold AND x.outcome IS NULL AND x.until <= now_at;
  RETURN QUERY UPDATE bed_hold x SET told_at = now_at WHERE x.id = of_hold AND x.outcome IS NOT NULL AND x.told_at IS NULL RETURNING x.*;
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['bed_unit', 'bed', 'bed_hold', 'bed_stay', 'capacity_policy', 'staff_absence', 'mode_switch', 'mode_switch_transfer', 'bed_disinfection',
    'mode_switch_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['bed_unit', 'bed', 'bed_stay', 'staff_absence', 'mode_switch', 'mode_switch_transfer', 'bed_disinfection', 'capacity_policy'] LOOP
    EXECUTE format('CREATE POLICY own_see ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) = ''staff'' AND institution_id = (SELECT app.institution()) AND (SELECT app.bed_staff()))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['bed_unit', 'bed', 'staff_absence'] LOOP
    EXECUTE format('CREATE POLICY own_make ON public.%I FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds(''capacity.manage'')))', name);
    EXECUTE format('CREATE POLICY own_change ON public.%I FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds(''capacity.manage'')))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- The house whose bed it is, and who asked for it.
CREATE POLICY see ON bed_hold FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.institution()) IN (institution_id, held_by_institution_id));
--> statement-breakpoint
-- Who asked for a bed knows which one it is.
CREATE POLICY holder_see ON bed_unit FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (SELECT 1 FROM bed_hold h WHERE h.unit_id = bed_unit.id AND h.held_by_institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY holder_see ON bed FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (SELECT 1 FROM bed_hold h WHERE h.bed_id = bed.id AND h.held_by_institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY own_set ON capacity_policy FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('capacity.switch'))
  AND entered_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY own_order ON mode_switch FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('capacity.switch')));
--> statement-breakpoint
-- Which step in whose name is asked by the trigger mode_switch_guard.
CREATE POLICY own_step ON mode_switch FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('capacity.switch')));
--> statement-breakpoint
CREATE POLICY own_plan ON mode_switch_transfer FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('capacity.switch') OR app.holds('capacity.manage')));
--> statement-breakpoint
CREATE POLICY own_replan ON mode_switch_transfer FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('capacity.switch') OR app.holds('capacity.manage')));
--> statement-breakpoint
CREATE POLICY own_sign ON bed_disinfection FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND disinfected_by = (SELECT app.person())
  AND (SELECT app.holds('capacity.manage') OR app.holds('capacity.switch')));
--> statement-breakpoint
-- Who lies in a bed of the own house, or is awaited in one.
CREATE POLICY bed_see ON patient FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.bed_staff()) AND app.sees_bed_patient(id));
--> statement-breakpoint
CREATE POLICY bed_see ON patient_contact FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.bed_staff()) AND app.sees_bed_patient(patient_id));
--> statement-breakpoint
-- Modes, holds and stays are the functions' alone.
GRANT INSERT, UPDATE (name_zh, name_en, name_bo, active, touched_at) ON bed_unit TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE ON bed TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON capacity_policy, bed_disinfection TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE (covered_by, cancelled_at, cancelled_by) ON staff_absence TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE ON mode_switch TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE (destination, to_unit_id, to_name) ON mode_switch_transfer TO yilian_app;
--> statement-breakpoint
-- Databases that are there already get the new role and rights; an empty one is filled by the set-up.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT 'ward-nurse', '病区护士长', 'Head nurse of a ward', 'ནད་ཁང་གི་སྨན་ཞབས་འགན་འཛིན།'
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('ward-nurse', 'patient.read'), ('ward-nurse', 'patient.register'), ('ward-nurse', 'record.read'), ('ward-nurse', 'critical-value.receive'),
  ('ward-nurse', 'capacity.view'), ('ward-nurse', 'capacity.manage'),
  ('attending-doctor', 'capacity.view'), ('specialist', 'capacity.view'), ('community-doctor', 'capacity.view'), ('nurse', 'capacity.view'),
  ('fever-nurse', 'capacity.view'), ('fever-doctor', 'capacity.view'), ('consult-desk', 'capacity.view'), ('referral-desk', 'capacity.view'), ('ward-doctor', 'capacity.view'),
  ('public-health', 'capacity.view'), ('public-health', 'capacity.switch'), ('surge-commander', 'capacity.view'), ('surge-commander', 'capacity.switch'),
  ('alliance-administrator', 'capacity.view'), ('alliance-administrator', 'capacity.switch'),
  ('health-commission', 'capacity.view'), ('health-commission', 'capacity.switch')) AS p (code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'bed_staff', 'allied', 'sees_bed_patient', 'capacity_policy_of', 'bed_is_free', 'free_beds', 'priority_left', 'unit_clears', 'unit_takes', 'hold_bed', 'holds_bed',
    'extend_hold', 'release_hold', 'admit_to_bed', 'leave_bed', 'expect_discharge', 'guard_bed_hold', 'guard_bed_stay', 'settle_switch', 'follow_bed_stay', 'guard_bed',
    'guard_bed_unit', 'guard_mode_switch', 'follow_mode_switch', 'guard_mode_switch_transfer', 'resolve_displaced', 'guard_bed_disinfection', 'follow_bed_disinfection',
    'guard_staff_absence', 'capacity_counts', 'department_appointments', 'close_bed_hold']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
