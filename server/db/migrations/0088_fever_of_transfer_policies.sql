-- A suspected infectious patient's vehicle moves the fever visit with it, in the same transaction: ordered, gone, handed over, disinfected.
-- What was moved by hand before is left as it stands; a vehicle that was ordered to another house is a contradiction.
CREATE FUNCTION app.carry_fever_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE v fever_visit; t fever_transfer; reached integer; was text := current_setting('yilian.kind', true);
  who uuid := coalesce(app.person(), NEW.requested_by); house uuid := app.institution(); called text := coalesce(app.own_name(), ''); told fever_visit_state;
BEGIN
  reached := CASE NEW.state WHEN 'vehicle-assigned' THEN 1 WHEN 'picked-up' THEN 1 WHEN 'in-transit' THEN 2 WHEN 'arrived' THEN 2
    WHEN 'handed-over' THEN 3 WHEN 'disinfected' THEN 4 ELSE 0 END;
  IF reached = 0 THEN
    RETURN NULL;
  END IF;
  SELECT * INTO v FROM fever_visit WHERE id = NEW.fever_visit_id FOR UPDATE;
  SELECT * INTO t FROM fever_transfer WHERE visit_id = v.id;
  IF OLD.state = 'requested' AND v.state = 'awaiting-transfer' AND t.to_institution_id IS DISTINCT FROM NEW.to_institution_id THEN
    RAISE EXCEPTION 'its vehicle is ordered to another house' USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_fever_elsewhere';
  END IF;
  PERFORM set_config('yilian.kind', 'system', true);
  IF v.state = 'reported' OR (v.state = 'seen' AND EXISTS (SELECT 1 FROM fever_site f WHERE f.institution_id = v.institution_id AND f.kind = 'sentinel')) THEN
    INSERT INTO fever_transfer (visit_id, from_institution_id, to_institution_id, to_name, vehicle, crew, ordered_by, ordered_at)
      VALUES (v.id, v.institution_id, NEW.to_institution_id, coalesce((SELECT n.name FROM institution_name n WHERE n.institution_id = NEW.to_institution_id
        AND n.language = 'zh-CN' ORDER BY n.name LIMIT 1), ''), NEW.vehicle_plate, '转运单', who, NEW.updated_at) ON CONFLICT DO NOTHING;
    told := v.state;
    UPDATE fever_visit SET state = 'awaiting-transfer', version = version + 1, updated_at = NEW.updated_at WHERE id = v.id RETURNING * INTO v;
    INSERT INTO fever_step (visit_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (v.id, 'order-transfer', told, v.state, who, house, called, NEW.updated_at);
  END IF;
  IF reached >= 2 AND v.state = 'awaiting-transfer' THEN
    UPDATE fever_transfer SET departed_at = greatest(coalesce(NEW.departed_at, NEW.arrived_at, NEW.updated_at), ordered_at), departed_by = who
      WHERE visit_id = v.id AND departed_at IS NULL;
    UPDATE fever_visit SET state = 'in-transfer', version = version + 1, updated_at = NEW.updated_at WHERE id = v.id RETURNING * INTO v;
    INSERT INTO fever_step (visit_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (v.id, 'depart', 'awaiting-transfer', v.state, who, house, called, NEW.updated_at);
  END IF;
  IF reached >= 3 AND v.state = 'in-transfer' THEN
    UPDATE fever_transfer SET received_at = greatest(NEW.handed_over_at, departed_at), received_by = NEW.handed_over_by, receiver_name = NEW.receiver_name
      WHERE visit_id = v.id AND received_at IS NULL;
    UPDATE fever_visit SET state = 'handed-over', version = version + 1, updated_at = NEW.updated_at WHERE id = v.id RETURNING * INTO v;
    INSERT INTO fever_step (visit_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (v.id, 'hand-over', 'in-transfer', v.state, who, house, called, NEW.updated_at);
  END IF;
  IF reached >= 4 AND v.state = 'handed-over' THEN
    UPDATE fever_transfer SET disinfected_at = greatest(NEW.disinfected_at, received_at), disinfected_by = NEW.disinfected_by, disinfection = NEW.disinfection
      WHERE visit_id = v.id AND disinfected_at IS NULL;
    UPDATE fever_visit SET state = 'disinfected', version = version + 1, updated_at = NEW.updated_at WHERE id = v.id RETURNING * INTO v;
    INSERT INTO fever_step (visit_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (v.id, 'disinfect', 'handed-over', v.state, who, house, called, NEW.updated_at);
  END IF;
  PERFORM set_config('yilian.kind', coalesce(was, ''), true);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER transfer_carries_fever AFTER UPDATE OF state ON transfer FOR EACH ROW
  WHEN (NEW.kind = 'infectious' AND NEW.fever_visit_id IS NOT NULL AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.carry_fever_visit();
--> statement-breakpoint
-- Both houses of a transfer read where its fever visit stands, and no more of it.
CREATE FUNCTION app.fever_of_transfer(of uuid) RETURNS fever_visit_state LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT v.state FROM transfer t JOIN fever_visit v ON v.id = t.fever_visit_id
          WHERE t.id = of AND (app.internal() OR app.institution() IN (t.from_institution_id, t.to_institution_id)) $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.carry_fever_visit(), app.fever_of_transfer(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.carry_fever_visit(), app.fever_of_transfer(uuid) TO yilian_app, yilian_owner;
