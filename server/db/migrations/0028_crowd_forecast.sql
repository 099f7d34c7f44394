-- How many came without an appointment in each hour of the same weekday lately; a number for everybody's
-- forecast, no rows. Fever clinics are left out: nobody is kept from one by a sign.
CREATE FUNCTION app.usual_walk_ins(institution uuid, on_day date) RETURNS TABLE (utc_hour integer, people double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT extract(hour FROM a.checked_in_at AT TIME ZONE 'UTC')::integer, count(*) / 4.0::double precision
        FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id AND c.kind <> 'fever-clinic'
        WHERE a.institution_id = institution AND a.day IN (on_day - 7, on_day - 14, on_day - 21, on_day - 28)
          AND a.seat_number IS NULL AND a.checked_in_at IS NOT NULL GROUP BY 1 $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.usual_walk_ins(uuid, date) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.usual_walk_ins(uuid, date) TO yilian_app;
