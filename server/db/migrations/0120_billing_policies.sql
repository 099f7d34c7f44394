-- Money: who sees and moves it, in which order, and that the books always balance. The services ask first; this is the last word.
CREATE SEQUENCE invoice_number;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE invoice_number TO yilian_app;
--> statement-breakpoint
ALTER TABLE price ADD CONSTRAINT price_one_at_a_time EXCLUDE USING gist (institution_id WITH =, code WITH =, daterange(valid_from, valid_until) WITH &&) WHERE (state = 'approved');
--> statement-breakpoint
ALTER TABLE invoice ADD CONSTRAINT invoice_payment FOREIGN KEY (payment_id) REFERENCES payment (id);
--> statement-breakpoint
-- The rows come from server/billing/states.ts; a test compares both.
CREATE TABLE billing_transition (of text NOT NULL CHECK (of IN ('invoice', 'payment', 'refund')), from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (of, from_state, to_state));
--> statement-breakpoint
INSERT INTO billing_transition (of, from_state, to_state) VALUES
  ('invoice', 'issued', 'balanced'), ('invoice', 'issued', 'cancelled'),
  ('payment', 'created', 'pending'), ('payment', 'created', 'succeeded'), ('payment', 'created', 'failed'), ('payment', 'created', 'expired'),
  ('payment', 'pending', 'succeeded'), ('payment', 'pending', 'failed'), ('payment', 'pending', 'expired'), ('payment', 'failed', 'succeeded'), ('payment', 'expired', 'succeeded'),
  ('refund', 'requested', 'sent'), ('refund', 'requested', 'succeeded'), ('refund', 'requested', 'failed'), ('refund', 'sent', 'succeeded'), ('refund', 'sent', 'failed');
--> statement-breakpoint
CREATE FUNCTION app.assert_billing_step(what text, was text, becomes text) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF was <> becomes AND NOT EXISTS (SELECT 1 FROM billing_transition t WHERE t.of = what AND t.from_state = was AND t.to_state = becomes) THEN
    RAISE EXCEPTION '% cannot go from % to %', what, was, becomes USING ERRCODE = 'YL001', CONSTRAINT = 'billing_state_order';
  END IF;
END $$;
--> statement-breakpoint
-- A price is proposed by one and approved by another; what stood before ends on its first day.
CREATE FUNCTION app.guard_price() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a price stays' USING ERRCODE = 'YL001', CONSTRAINT = 'price_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'proposed' OR NEW.proposed_by IS DISTINCT FROM app.person() OR NEW.institution_id <> app.institution()) THEN
      RAISE EXCEPTION 'a price begins as a proposal' USING ERRCODE = '42501', CONSTRAINT = 'price_stands';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF OLD.state = 'proposed' AND NEW.state IN ('approved', 'withdrawn') AND changed <@ ARRAY['state', 'approved_by', 'approved_at'] THEN
    IF NEW.state = 'approved' THEN
      IF app.kind() = 'staff' AND NEW.approved_by IS DISTINCT FROM app.person() THEN
        RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'price_two_people';
      END IF;
      UPDATE price p SET valid_until = NEW.valid_from WHERE p.institution_id = NEW.institution_id AND p.code = NEW.code AND p.state = 'approved'
        AND p.valid_from < NEW.valid_from AND (p.valid_until IS NULL OR p.valid_until > NEW.valid_from);
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'approved' AND changed <@ ARRAY['valid_until'] AND NEW.valid_until > OLD.valid_from AND pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a price stands; propose another' USING ERRCODE = 'YL001', CONSTRAINT = 'price_stands';
END $$;
--> statement-breakpoint
CREATE TRIGGER price_guard BEFORE INSERT OR UPDATE OR DELETE ON price FOR EACH ROW EXECUTE FUNCTION app.guard_price();
--> statement-breakpoint
CREATE FUNCTION app.guard_invoice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an invoice stays' USING ERRCODE = 'YL001', CONSTRAINT = 'invoice_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> (CASE WHEN NEW.own_fen = 0 THEN 'balanced' ELSE 'issued' END)::invoice_state OR NEW.payment_id IS NOT NULL
      OR (app.kind() = 'staff' AND (NEW.institution_id <> app.institution() OR NEW.issued_by IS DISTINCT FROM app.person())) THEN
      RAISE EXCEPTION 'an invoice is issued in the own name' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_state_order';
    END IF;
    IF NOT app.billed_encounter_exists(NEW.encounter_kind, NEW.encounter_id, NEW.patient_id, NEW.institution_id) THEN
      RAISE EXCEPTION 'no such encounter' USING ERRCODE = 'YL001', CONSTRAINT = 'invoice_encounter';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NOT changed <@ ARRAY['state', 'balanced_at', 'payment_id', 'cancelled_by', 'cancelled_at', 'cancel_reason'] THEN
    RAISE EXCEPTION 'what was billed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'invoice_stands';
  END IF;
  PERFORM app.assert_billing_step('invoice', OLD.state::text, NEW.state::text);
  IF NEW.state = 'balanced' AND OLD.state <> 'balanced' AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.id = NEW.payment_id AND p.invoice_id = NEW.id
      AND p.state = 'succeeded' AND NOT p.surplus AND p.amount_fen = NEW.own_fen) THEN
    RAISE EXCEPTION 'nobody has paid it' USING ERRCODE = 'YL001', CONSTRAINT = 'invoice_balanced';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- What is billed has been: an encounter of this patient at this house.
CREATE FUNCTION app.billed_encounter_exists(of_kind billed_encounter, of_id uuid, of_patient uuid, house uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE of_kind
      WHEN 'appointment' THEN EXISTS (SELECT 1 FROM appointment a WHERE a.id = of_id AND a.institution_id = house AND a.patient_id = ANY (app.same_person(of_patient)))
      WHEN 'consult' THEN EXISTS (SELECT 1 FROM consult c WHERE c.id = of_id AND house IN (c.inviting_institution_id, c.invited_institution_id)
        AND c.patient_id = ANY (app.same_person(of_patient)))
      WHEN 'fever-visit' THEN EXISTS (SELECT 1 FROM fever_visit f WHERE f.id = of_id AND f.institution_id = house AND f.patient_id = ANY (app.same_person(of_patient)))
      ELSE EXISTS (SELECT 1 FROM visit v WHERE v.id = of_id AND v.institution_id = house AND v.patient_id = ANY (app.same_person(of_patient))) END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_guard BEFORE INSERT OR UPDATE OR DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION app.guard_invoice();
--> statement-breakpoint
CREATE FUNCTION app.stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'what was written stands' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_stands';
END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_line_stands BEFORE UPDATE OR DELETE ON invoice_line FOR EACH ROW EXECUTE FUNCTION app.stands();
--> statement-breakpoint
CREATE TRIGGER payment_event_stands BEFORE UPDATE OR DELETE ON payment_event FOR EACH ROW EXECUTE FUNCTION app.stands();
--> statement-breakpoint
CREATE TRIGGER ledger_entry_stands BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION app.stands();
--> statement-breakpoint
CREATE TRIGGER ledger_line_stands BEFORE UPDATE OR DELETE ON ledger_line FOR EACH ROW EXECUTE FUNCTION app.stands();
--> statement-breakpoint
-- At commit the lines are the invoice, and an entry comes to nothing.
CREATE FUNCTION app.check_invoice_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_invoice uuid := coalesce(to_jsonb(NEW) ->> 'invoice_id', to_jsonb(NEW) ->> 'id'); sums bigint[]; amounts bigint[];
BEGIN
  SELECT ARRAY[coalesce(sum(total_fen), -1), coalesce(sum(insurance_fen), -1), coalesce(sum(own_fen), -1)] INTO sums FROM invoice_line WHERE invoice_id = of_invoice;
  SELECT ARRAY[total_fen, insurance_fen, own_fen] INTO amounts FROM invoice WHERE id = of_invoice;
  IF sums IS DISTINCT FROM amounts THEN
    RAISE EXCEPTION 'the lines are not the invoice' USING ERRCODE = 'YL001', CONSTRAINT = 'invoice_parts';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER invoice_whole AFTER INSERT ON invoice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.check_invoice_lines();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER invoice_line_whole AFTER INSERT ON invoice_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.check_invoice_lines();
--> statement-breakpoint
CREATE FUNCTION app.check_ledger_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_entry bigint := coalesce(to_jsonb(NEW) ->> 'entry_id', to_jsonb(NEW) ->> 'id');
BEGIN
  IF (SELECT coalesce(sum(fen), 1) FROM ledger_line WHERE entry_id = of_entry) <> 0 THEN
    RAISE EXCEPTION 'an entry comes to nothing' USING ERRCODE = 'YL001', CONSTRAINT = 'ledger_balanced';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.check_ledger_entry();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER ledger_line_balanced AFTER INSERT ON ledger_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.check_ledger_entry();
--> statement-breakpoint
-- Money comes by a provider's word, which our own jobs write down; a cashier's word counts for cash.
CREATE FUNCTION app.guard_payment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE i invoice;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a payment stays' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO i FROM invoice WHERE id = NEW.invoice_id FOR UPDATE;
    IF NEW.state <> 'created' OR i.state <> 'issued' OR NEW.amount_fen <> i.own_fen OR NEW.institution_id <> i.institution_id THEN
      RAISE EXCEPTION 'nothing of it is due' USING ERRCODE = 'YL001', CONSTRAINT = 'payment_due';
    END IF;
    RETURN NEW;
  END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'invoice_id', 'institution_id', 'provider', 'amount_fen', 'created_at', 'expires_at'] THEN
    RAISE EXCEPTION 'what is paid stands' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_stands';
  END IF;
  PERFORM app.assert_billing_step('payment', OLD.state::text, NEW.state::text);
  IF NEW.state <> OLD.state AND NEW.state <> 'expired' AND NOT (app.internal() OR (NEW.provider = 'cash' AND NEW.state = 'succeeded' AND app.holds('billing.cashier'))) THEN
    RAISE EXCEPTION 'the provider says what was paid' USING ERRCODE = '42501', CONSTRAINT = 'payment_paid';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER payment_guard BEFORE INSERT OR UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE FUNCTION app.guard_payment();
--> statement-breakpoint
-- Never more goes back than came.
CREATE FUNCTION app.guard_refund() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p payment;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a refund stays' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_stands';
  END IF;
  SELECT * INTO p FROM payment WHERE id = NEW.payment_id FOR UPDATE;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'requested' OR p.state <> 'succeeded' OR NEW.institution_id <> p.institution_id OR (NEW.reason = 'surplus') <> p.surplus
      OR (app.kind() = 'staff' AND NEW.requested_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'nothing was paid' USING ERRCODE = 'YL001', CONSTRAINT = 'refund_of_what_was_paid';
    END IF;
    IF NEW.amount_fen + (SELECT coalesce(sum(r.amount_fen), 0) FROM refund r WHERE r.payment_id = NEW.payment_id AND r.state <> 'failed') > p.amount_fen THEN
      RAISE EXCEPTION 'more than was paid' USING ERRCODE = 'YL001', CONSTRAINT = 'refund_not_more';
    END IF;
    RETURN NEW;
  END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'payment_id', 'institution_id', 'amount_fen', 'reason', 'requested_by', 'requested_at'] THEN
    RAISE EXCEPTION 'what was agreed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'billing_stands';
  END IF;
  PERFORM app.assert_billing_step('refund', OLD.state::text, NEW.state::text);
  IF NEW.state <> OLD.state AND NOT (app.internal() OR (p.provider = 'cash' AND app.holds('billing.cashier'))) THEN
    RAISE EXCEPTION 'the provider says what went back' USING ERRCODE = '42501', CONSTRAINT = 'refund_ended';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refund_guard BEFORE INSERT OR UPDATE OR DELETE ON refund FOR EACH ROW EXECUTE FUNCTION app.guard_refund();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['price', 'patient_coverage', 'invoice', 'invoice_line', 'payment', 'refund', 'payment_event', 'ledger_entry', 'ledger_line', 'reconciliation',
      'reconciliation_difference', 'billing_transition', 'sandbox_order', 'sandbox_refund', 'sandbox_message'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('REVOKE ALL ON public.%I FROM yilian_app', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT ON price, patient_coverage, invoice, invoice_line, payment, refund, payment_event, ledger_entry, ledger_line, reconciliation, reconciliation_difference,
  sandbox_order, sandbox_refund, sandbox_message TO yilian_app;
--> statement-breakpoint
GRANT UPDATE ON price, patient_coverage, invoice, payment, refund, reconciliation, reconciliation_difference, sandbox_order, sandbox_message TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON reconciliation_difference TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE ledger_entry_id_seq TO yilian_app;
--> statement-breakpoint
CREATE FUNCTION app.may_see_invoice(of_invoice uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM invoice i WHERE i.id = of_invoice AND CASE app.kind()
          WHEN 'patient' THEN i.patient_id = ANY (app.patient_ids())
          WHEN 'staff' THEN i.institution_id = app.institution() AND (app.holds('billing.issue') OR app.holds('billing.cashier'))
          ELSE false END) $$;
--> statement-breakpoint
-- What was done at the own house and not billed yet, with the medicines that were approved in it.
CREATE FUNCTION app.unbilled_encounters(since timestamptz) RETURNS TABLE (kind billed_encounter, id uuid, patient_id uuid, at timestamptz, medicines jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT e.kind, e.id, e.patient_id, e.at, coalesce((SELECT jsonb_agg(jsonb_build_object('code', l.medicine_code, 'quantity', l.quantity) ORDER BY p.number, l.position)
            FROM prescription p JOIN prescription_line l ON l.prescription_id = p.id
            WHERE p.encounter_kind::text = e.kind::text AND p.encounter_id = e.id AND p.state IN ('approved', 'dispensed', 'collected')), '[]')
        FROM (SELECT 'appointment'::billed_encounter AS kind, a.id, a.patient_id, a.starts_at AS at FROM appointment a
                WHERE a.institution_id = app.institution() AND a.state IN ('in-consultation', 'completed')
              UNION ALL SELECT 'fever-visit', f.id, f.patient_id, f.seen_at FROM fever_visit f WHERE f.institution_id = app.institution() AND f.seen_at IS NOT NULL
              UNION ALL SELECT 'video-visit', v.id, v.patient_id, v.started_at FROM visit v WHERE v.institution_id = app.institution() AND v.state IN ('in-visit', 'ended')) e
        WHERE app.holds('billing.issue') AND e.at >= since
          AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.encounter_kind = e.kind AND i.encounter_id = e.id AND i.state <> 'cancelled')
        ORDER BY e.at DESC LIMIT 100 $$;
--> statement-breakpoint
CREATE POLICY see ON price FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND ((SELECT app.holds('billing.issue')) OR (SELECT app.holds('billing.prices'))));
--> statement-breakpoint
CREATE POLICY propose ON price FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.prices')));
--> statement-breakpoint
CREATE POLICY judge ON price FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.prices')));
--> statement-breakpoint
CREATE POLICY see ON patient_coverage FOR SELECT TO yilian_app USING (CASE (SELECT app.kind()) WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  WHEN 'staff' THEN (SELECT app.holds('billing.issue')) AND app.may_see_patient(patient_id) ELSE false END);
--> statement-breakpoint
CREATE POLICY keep ON patient_coverage FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('billing.issue')) AND app.may_see_patient(patient_id) AND seen_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY change ON patient_coverage FOR UPDATE TO yilian_app USING ((SELECT app.holds('billing.issue')) AND app.may_see_patient(patient_id)) WITH CHECK (seen_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY see ON invoice FOR SELECT TO yilian_app USING (CASE (SELECT app.kind()) WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  WHEN 'staff' THEN institution_id = (SELECT app.institution()) AND ((SELECT app.holds('billing.issue')) OR (SELECT app.holds('billing.cashier'))) ELSE false END);
--> statement-breakpoint
CREATE POLICY bill ON invoice FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.issue')) AND app.may_see_patient(patient_id));
--> statement-breakpoint
-- A patient changes nothing of it: the right to lock the row while a payment begins.
CREATE POLICY go_on ON invoice FOR UPDATE TO yilian_app USING (CASE (SELECT app.kind()) WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  WHEN 'staff' THEN institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.cashier')) ELSE false END)
  WITH CHECK ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY see ON invoice_line FOR SELECT TO yilian_app USING (app.may_see_invoice(invoice_id));
--> statement-breakpoint
CREATE POLICY bill ON invoice_line FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('billing.issue')) AND app.may_see_invoice(invoice_id));
--> statement-breakpoint
CREATE POLICY see ON payment FOR SELECT TO yilian_app USING (app.may_see_invoice(invoice_id));
--> statement-breakpoint
CREATE POLICY begin ON payment FOR INSERT TO yilian_app WITH CHECK (app.may_see_invoice(invoice_id) AND CASE (SELECT app.kind()) WHEN 'patient' THEN provider <> 'cash'
  WHEN 'staff' THEN provider = 'cash' AND (SELECT app.holds('billing.cashier')) ELSE false END);
--> statement-breakpoint
CREATE POLICY go_on ON payment FOR UPDATE TO yilian_app USING (app.may_see_invoice(invoice_id) AND ((SELECT app.kind()) = 'patient' OR (SELECT app.holds('billing.cashier'))));
--> statement-breakpoint
CREATE POLICY see ON refund FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM payment p WHERE p.id = payment_id));
--> statement-breakpoint
CREATE POLICY ask ON refund FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.cashier')));
--> statement-breakpoint
CREATE POLICY go_on ON refund FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('billing.cashier')));
--> statement-breakpoint
CREATE POLICY see ON ledger_entry FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND ((SELECT app.holds('billing.cashier')) OR (SELECT app.holds('billing.issue'))));
--> statement-breakpoint
CREATE POLICY post ON ledger_entry FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND CASE WHEN kind = 'invoice-issued'
  THEN (SELECT app.holds('billing.issue')) ELSE (SELECT app.holds('billing.cashier')) END);
--> statement-breakpoint
CREATE POLICY see ON ledger_line FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = entry_id));
--> statement-breakpoint
CREATE POLICY post ON ledger_line FOR INSERT TO yilian_app WITH CHECK (EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = entry_id AND e.xmin = pg_current_xact_id()::xid));
--> statement-breakpoint
CREATE POLICY see ON reconciliation FOR SELECT TO yilian_app USING ((SELECT app.holds('billing.cashier')));
--> statement-breakpoint
CREATE POLICY see ON reconciliation_difference FOR SELECT TO yilian_app USING ((SELECT app.holds('billing.cashier')) AND (institution_id IS NULL OR institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY clear ON reconciliation_difference FOR UPDATE TO yilian_app USING ((SELECT app.holds('billing.cashier')) AND (institution_id IS NULL OR institution_id = (SELECT app.institution())))
  WITH CHECK (cleared_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY read_transitions ON billing_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
-- Databases that are there already get the new role and rights; an empty one is filled by the set-up.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT 'cashier', '收费员', 'Cashier', 'དངུལ་བསྡུ་མི།' WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('attending-doctor', 'billing.issue'), ('community-doctor', 'billing.issue'), ('fever-doctor', 'billing.issue'),
  ('cashier', 'billing.issue'), ('cashier', 'billing.cashier'), ('cashier', 'billing.prices'), ('cashier', 'patient.read'),
  ('clinical-administrator', 'billing.prices')) AS p (code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'assert_billing_step', 'guard_price', 'guard_invoice', 'billed_encounter_exists', 'stands', 'check_invoice_lines', 'check_ledger_entry', 'guard_payment', 'guard_refund',
    'may_see_invoice', 'unbilled_encounters']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
