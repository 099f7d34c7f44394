-- A file that lies beside a request is named in the record of the house that asks, once it is whole.
CREATE TRIGGER attachment_noted AFTER INSERT OR UPDATE ON attachment FOR EACH ROW WHEN (NEW.state = 'complete') EXECUTE FUNCTION app.note_consult_part();
