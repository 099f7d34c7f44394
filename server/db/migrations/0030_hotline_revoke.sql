-- An elder on the telephone takes back a helper's word at any hotline: who has the call sees which words stand.
CREATE FUNCTION app.helper_of_caller(helper uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM helper_consent c WHERE c.helper_id = helper AND c.patient_id = ANY (app.called_patients())) $$;
--> statement-breakpoint
CREATE POLICY called_see ON registered_helper FOR SELECT TO yilian_app USING (app.helper_of_caller(id));
--> statement-breakpoint
CREATE POLICY called_see ON helper_consent FOR SELECT TO yilian_app USING (patient_id = ANY ((SELECT app.called_patients())::uuid[]));
--> statement-breakpoint
CREATE POLICY called_revoke ON helper_consent FOR UPDATE TO yilian_app USING (patient_id = ANY ((SELECT app.called_patients())::uuid[]))
  WITH CHECK (revoked_by = (SELECT app.person()));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.helper_of_caller(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.helper_of_caller(uuid) TO yilian_app, yilian_owner;
