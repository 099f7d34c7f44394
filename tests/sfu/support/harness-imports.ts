export {
  createRoomClient,
  playRoom,
  type RoomClient,
} from "../../../web/room/media/index.ts";
export {
  createScriptedPartner,
  readFrameNumber,
} from "../../../web/room/media/scripted-partner.ts";
