export { uploadFile } from "../../../web/api/upload.ts";
export {
  createRoomClient,
  playRoom,
  type RoomClient,
} from "../../../web/room/media/index.ts";
export {
  createScriptedPartner,
  readFrameNumber,
  type ScriptedPartner,
} from "../../../web/room/media/scripted-partner.ts";
