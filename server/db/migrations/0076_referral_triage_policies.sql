-- The house that a referral asks reads the triage that the referral carries, as long as it is its patient.
CREATE FUNCTION app.referred_triage(assessment uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM referral r WHERE r.triage_assessment_id = assessment AND r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL
          AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled')) $$;
--> statement-breakpoint
CREATE INDEX referral_triage ON referral (triage_assessment_id) WHERE triage_assessment_id IS NOT NULL;
--> statement-breakpoint
CREATE POLICY referred_see ON triage_assessment FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.referred_triage(id));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referred_triage(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referred_triage(uuid) TO yilian_app, yilian_owner;
