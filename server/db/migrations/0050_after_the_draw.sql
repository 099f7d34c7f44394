-- As before, but the first are let in when the draw is over for a while, not in the same moment.
CREATE OR REPLACE FUNCTION app.tick_rooms(allowance integer, admission interval, now_at timestamptz) RETURNS SETOF release_room
  LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off SET search_path = public, app, pg_temp AS $$
DECLARE r release_room; given integer; left_over integer; held integer; out_now integer; waiting integer; n integer; rooms integer; per double precision;
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('yilian.release-rooms')) THEN
    RETURN QUERY SELECT * FROM release_room o WHERE o.closed_at IS NULL OR o.closed_at > now_at - interval '1 minute'; RETURN;
  END IF;
  SELECT count(*) INTO rooms FROM release_room o WHERE o.closed_at IS NULL AND o.release_at <= now_at;
  FOR r IN SELECT * FROM release_room o WHERE o.closed_at IS NULL ORDER BY o.release_at LOOP
    IF r.release_at > now_at THEN RETURN NEXT r; CONTINUE; END IF;
    WITH drawn AS (SELECT p.id, row_number() OVER (ORDER BY p.joined_at >= r.release_at,
          CASE WHEN p.joined_at < r.release_at THEN p.lot ELSE extract(epoch FROM p.joined_at) END, p.id) AS turn
        FROM release_place p WHERE p.room_id = r.id AND p.number IS NULL)
      UPDATE release_place p SET number = r.last_number + drawn.turn FROM drawn WHERE p.id = drawn.id;
    GET DIAGNOSTICS given = ROW_COUNT;
    r.last_number := r.last_number + given;
    -- Seats and promises in one statement: between two somebody might turn one into the other.
    SELECT count(*) FILTER (WHERE t.appointment_id IS NULL OR t.held_until <= now_at), count(*) FILTER (WHERE t.held_until > now_at),
        (SELECT count(*) FROM release_place p WHERE p.room_id = r.id AND p.admitted_at IS NOT NULL AND p.used_at IS NULL AND p.admitted_until > now_at)
      INTO left_over, held, out_now FROM seat t JOIN segment g ON g.id = t.segment_id
      WHERE t.department_id = r.department_id AND t.day = r.day AND t.public_from <= now_at AND (t.free_from IS NULL OR t.free_from <= now_at)
        AND g.stopped_at IS NULL AND g.starts_at > now_at;
    waiting := r.last_number - r.admitted_to;
    n := greatest(0, least(ceil(allowance::double precision / greatest(rooms, 1))::integer, left_over - out_now, waiting));
    -- A crowd is first told its numbers, two thousand a second (release-domain.ts, drawMs); then what piled up
    -- meanwhile is answered, so that the first who are let in do not wait behind it.
    IF now_at < r.release_at + interval '1 minute' AND now_at < r.release_at + make_interval(secs => (SELECT count(*) FROM release_place p WHERE p.room_id = r.id AND p.joined_at < r.release_at) / 1400.0) THEN n := 0; END IF;
    IF n > 0 THEN
      UPDATE release_place p SET admitted_at = now_at, admitted_until = now_at + admission
        WHERE p.room_id = r.id AND p.number > r.admitted_to AND p.number <= r.admitted_to + n;
    END IF;
    per := n / greatest(0.05, extract(epoch FROM now_at - coalesce(r.ticked_at, now_at - interval '1 second')));
    UPDATE release_room o SET last_number = r.last_number, admitted_to = o.admitted_to + n, ticked_at = now_at, seats_left = left_over,
        per_second = CASE WHEN waiting = 0 THEN 0 ELSE 0.8 * o.per_second + 0.2 * per END,
        sold_out_at = CASE WHEN left_over = 0 AND held = 0 THEN now_at END,
        closed_at = CASE WHEN (left_over = 0 AND held = 0) OR (o.guarded_until <= now_at AND waiting = n AND out_now + n = 0)
          OR o.release_at + interval '1 hour' <= now_at THEN now_at END
      WHERE o.id = r.id RETURNING o.* INTO r;
    RETURN NEXT r;
  END LOOP;
  RETURN QUERY SELECT * FROM release_room o WHERE o.closed_at > now_at - interval '1 minute' AND o.closed_at < now_at;
END $$;
