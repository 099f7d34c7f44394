-- What ends in the database ends in the room: rows decide who is put out, whichever code path changed
-- them. Orders are jobs of the same transaction; server/media/orders.ts delivers them to the node.
CREATE FUNCTION app.order_room(room uuid, verb text, sub text) RETURNS void LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM media_room r WHERE r.room_id = room) THEN
      PERFORM jobs.enqueue('media:order', json_build_object('roomId', room, 'order', verb, 'sub', sub), NULL,
        concat_ws(':', 'media', verb, room, sub, pg_current_xact_id()));
    END IF;
  END $$;
--> statement-breakpoint
-- Looked at when the transaction commits: a list that is written anew puts out only who is not on it.
CREATE FUNCTION app.put_out_participant() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM consult_participant p WHERE p.consult_id = OLD.consult_id AND p.person_id = OLD.person_id) THEN
      PERFORM app.order_room(OLD.consult_id, 'remove', OLD.person_id::text);
    END IF;
    RETURN NULL;
  END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER participant_put_out AFTER DELETE ON consult_participant DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION app.put_out_participant();
--> statement-breakpoint
CREATE FUNCTION app.shut_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    IF NEW.state <> OLD.state AND NEW.state IN ('signed', 'declined', 'cancelled', 'archived') THEN
      PERFORM app.order_room(NEW.id, 'close', NULL);
    END IF;
    RETURN NULL;
  END $$;
--> statement-breakpoint
CREATE TRIGGER consult_shut_room AFTER UPDATE OF state ON consult FOR EACH ROW EXECUTE FUNCTION app.shut_room();
--> statement-breakpoint
-- A relative's invitation that was taken back: sessions end, open pages are told.
CREATE FUNCTION app.end_guest_sessions(guest uuid, at timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$
    WITH ended AS (UPDATE session SET revoked_at = at WHERE guest_id = guest AND revoked_at IS NULL RETURNING id)
    INSERT INTO outbox_event (topic, entity_id, detail)
      SELECT 'session', id::text, jsonb_build_object('sessionId', id) FROM ended
  $$;
--> statement-breakpoint
CREATE FUNCTION app.put_out_guest() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    IF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN
      PERFORM app.end_guest_sessions(NEW.id, NEW.revoked_at);
      PERFORM app.order_room(NEW.consult_id, 'remove', 'guest:' || NEW.id);
    END IF;
    RETURN NULL;
  END $$;
--> statement-breakpoint
CREATE TRIGGER guest_put_out AFTER UPDATE OF revoked_at ON consult_guest FOR EACH ROW EXECUTE FUNCTION app.put_out_guest();
--> statement-breakpoint
-- Whether a relative or patient is in the room now, by what the node reported last. They may not read
-- the reports themselves. `subject` may be followed by the browser's session.
CREATE FUNCTION app.is_in_room(consult uuid, who text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT coalesce((
      SELECT p.type IN ('peer-joined', 'peer-admitted') FROM consult_presence p
      WHERE p.consult_id = consult AND p.subject = who
        AND p.type IN ('peer-joined', 'peer-admitted', 'peer-left', 'peer-removed', 'peer-refused')
      ORDER BY p.id DESC LIMIT 1), false) $$;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO yilian_app, yilian_owner;
