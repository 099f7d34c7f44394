// Replays a capture with its own timing, over and over, to where it is told: plain RTP for an
// engine's ingest, a WebRTC peer, and a plain copy as the control.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>
#include <netinet/in.h>

#include "peer.h"

// What capture.ts writes, little endian: at (µs), picture's or sound's own time (µs), flags, size.
struct CapturedPacket {
  uint64_t atUs;
  uint64_t mediaUs;
  bool isVideo;
  bool isLast;
  bool isKey;
  std::vector<uint8_t> payload;
};

struct Stream {
  uint32_t ssrc = 0;
  uint8_t payloadType = 0;
  sockaddr_in target{};
  uint16_t sequence = 1;
  uint32_t packets = 0;
  uint32_t octets = 0;
};

class Replay {
 public:
  explicit Replay(const std::string& path);
  // Sends all that is due; returns when the next packet is (monotonic ns), or -1 while it rests.
  int64_t run(int64_t nowNs);
  void start(int64_t nowNs);
  void stop() { isRunning_ = false; }
  // As an encoder that is asked for a key frame: begins anew, but never twice within 300 ms.
  void restart(int64_t nowNs);

  Stream video;
  Stream audio;
  Peer* peer = nullptr;
  sockaddr_in control{};
  bool hasControl = false;
  int fd = -1;
  uint64_t sentPackets = 0;
  uint64_t sentBytes = 0;
  uint64_t failedPackets = 0;

 private:
  void send(const CapturedPacket& packet);
  void report(int64_t nowNs);

  std::vector<CapturedPacket> packets_;
  uint64_t durationUs_ = 0;
  size_t next_ = 0;
  int64_t loopNs_ = 0;
  int64_t originNs_ = 0;
  int64_t nextReportNs_ = 0;
  uint32_t counter_ = 0;
  bool isRunning_ = false;
};
