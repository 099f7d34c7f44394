-- What the two sides write to each other outside the room is in the record of the house that asks.
CREATE TRIGGER consult_message_noted AFTER INSERT ON consult_message FOR EACH ROW EXECUTE FUNCTION app.note_consult_part();
