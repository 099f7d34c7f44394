-- Whom a queue of referrals is about: asked once for all rows, by what the referral itself says of who may know it. The
-- patient's own policies ask several questions for each row, which a queue of two hundred feels.
CREATE FUNCTION app.referral_subjects(of_referrals uuid[]) RETURNS TABLE (id uuid, full_name text, full_name_bo text, sex text, birth_date date)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT DISTINCT p.id, p.full_name, p.full_name_bo, p.sex::text, p.birth_date FROM referral r JOIN patient p ON p.id = r.patient_id
        WHERE r.id = ANY (of_referrals) AND CASE (SELECT app.kind())
          WHEN 'staff' THEN r.from_institution_id = (SELECT app.institution()) OR (r.to_institution_id = (SELECT app.institution()) AND r.submitted_at IS NOT NULL
            AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled'))
          WHEN 'patient' THEN r.patient_id = ANY ((SELECT app.patient_ids())::uuid[])
          ELSE (SELECT app.internal()) END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_subjects(uuid[]) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_subjects(uuid[]) TO yilian_app, yilian_owner;
