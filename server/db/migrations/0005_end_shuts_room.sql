-- Who ends the meeting ends it for all: the page says so, and a relative must not stay in a room
-- whose consult the doctors have left. The room opens again for whoever enters while the opinion is written.
CREATE OR REPLACE FUNCTION app.shut_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    IF NEW.state <> OLD.state AND NEW.state IN ('opinion-pending', 'signed', 'declined', 'cancelled', 'archived') THEN
      PERFORM app.order_room(NEW.id, 'close', NULL);
    END IF;
    RETURN NULL;
  END $$;
