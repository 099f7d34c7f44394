-- Entries of a broadcast are judged with their session in the statement that writes them: a flood of chat must not cost a
-- transaction for each sender before the one that writes.

-- Who of the staff a session stands for, and a word where it stands for nobody; the caller goes on as the server and says then
-- who acts. As server/identity judges it: not ended, forgery token, work in the house, a second factor, not locked.
CREATE FUNCTION app.staff_of_session(token bytea, csrf text, now_at timestamptz, with_demo boolean) RETURNS TABLE (problem text, person uuid, institution uuid)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE who session;
BEGIN
  PERFORM set_config('yilian.kind', 'system', true);
  SELECT * INTO who FROM session s WHERE s.token_hash = token AND s.revoked_at IS NULL AND s.expires_at > now_at;
  IF NOT FOUND THEN
    SELECT * INTO who FROM session s WHERE s.previous_token_hash = token AND s.revoked_at IS NULL AND s.expires_at > now_at;
  END IF;
  IF who.id IS NULL THEN RETURN QUERY SELECT 'auth.required', NULL::uuid, NULL::uuid; RETURN; END IF;
  IF who.kind = 'staff' AND NOT EXISTS (SELECT 1 FROM role_assignment a WHERE a.person_id = who.person_id AND a.institution_id = who.institution_id
      AND (a.valid_until IS NULL OR a.valid_until > now_at)) THEN
    RETURN QUERY SELECT 'auth.required', NULL::uuid, NULL::uuid; RETURN;
  END IF;
  IF who.csrf_token IS DISTINCT FROM csrf THEN RETURN QUERY SELECT 'auth.csrf', NULL::uuid, NULL::uuid; RETURN; END IF;
  IF who.kind <> 'staff' OR who.locked_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM person p LEFT JOIN staff_account a ON a.person_id = p.id
      WHERE p.id = who.person_id AND ((p.demo AND with_demo) OR a.totp_confirmed_at IS NOT NULL OR EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = p.id))) THEN
    RETURN QUERY SELECT 'permission.denied', NULL::uuid, NULL::uuid; RETURN;
  END IF;
  -- Its owner sees when it was last used, to the minute; a token that was replaced is forgotten a minute later.
  IF who.last_seen_at < now_at - interval '1 minute' OR (who.previous_token_hash IS NOT NULL AND who.token_hash = token AND who.rotated_at < now_at - interval '1 minute') THEN
    UPDATE session s SET last_seen_at = greatest(s.last_seen_at, now_at),
      previous_token_hash = CASE WHEN s.token_hash = token AND s.rotated_at < now_at - interval '1 minute' THEN NULL ELSE s.previous_token_hash END WHERE s.id = who.id;
  END IF;
  RETURN QUERY SELECT NULL::text, who.person_id, who.institution_id;
END $$;
--> statement-breakpoint
-- Items: {token, csrf, session, kind, data, client}. problem: of the session, or of the entry as app.teaching_write says it.
CREATE FUNCTION app.teaching_write_sent(items jsonb, now_at timestamptz, with_demo boolean) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; who record; w record;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    SELECT * INTO who FROM app.staff_of_session(decode(item ->> 'token', 'hex'), item ->> 'csrf', now_at, with_demo);
    place := i; problem := who.problem; answer := NULL;
    IF problem IS NULL THEN
      PERFORM app.teaching_act_as(jsonb_build_object('person', who.person, 'institution', who.institution));
      IF NOT EXISTS (SELECT 1 FROM role_assignment a JOIN role_permission p ON p.role_code = a.role_code WHERE a.person_id = who.person AND a.institution_id = who.institution
          AND (a.valid_until IS NULL OR a.valid_until > now_at) AND p.permission IN ('teaching.plan', 'teaching.present', 'teaching.attend', 'teaching.manage', 'consult.interpret')) THEN
        problem := 'permission.denied';
      ELSE
        SELECT * INTO w FROM app.teaching_write((item ->> 'session')::uuid, (item ->> 'kind')::teaching_entry_kind, item -> 'data', (item ->> 'client')::uuid, now_at);
        problem := w.problem; answer := jsonb_build_object('seq', w.seq, 'seconds', w.seconds);
      END IF;
    END IF;
    RETURN NEXT;
    i := i + 1;
  END LOOP;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.staff_of_session(bytea, text, timestamptz, boolean), app.teaching_write_sent(jsonb, timestamptz, boolean) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.staff_of_session(bytea, text, timestamptz, boolean), app.teaching_write_sent(jsonb, timestamptz, boolean) TO yilian_app, yilian_owner;
