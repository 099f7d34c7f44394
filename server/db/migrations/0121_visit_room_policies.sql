-- The room of a video visit is placed by whoever may enter it, as a consult's is; it is shut when the visit is over or
-- goes back into the queue.
CREATE POLICY visit_read ON media_room FOR SELECT TO yilian_app USING (app.may_see_visit(room_id));
--> statement-breakpoint
CREATE POLICY visit_place ON media_room FOR INSERT TO yilian_app WITH CHECK (app.may_see_visit(room_id));
--> statement-breakpoint
CREATE POLICY visit_move ON media_room FOR UPDATE TO yilian_app USING (app.may_see_visit(room_id));
--> statement-breakpoint
CREATE FUNCTION app.shut_visit_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp
  AS $$ BEGIN
    PERFORM app.order_room(NEW.id, 'close', NULL);
    RETURN NULL;
  END $$;
--> statement-breakpoint
CREATE TRIGGER visit_shut_room AFTER UPDATE OF state ON visit FOR EACH ROW
  WHEN (OLD.state IN ('called', 'in-visit') AND NEW.state NOT IN ('called', 'in-visit')) EXECUTE FUNCTION app.shut_visit_room();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.shut_visit_room() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.shut_visit_room() TO yilian_app, yilian_owner;
