// One WebRTC client: a connected UDP socket, ICE towards an ICE-lite server, DTLS as client, SRTP.
// It neither decodes nor estimates bandwidth: receiver reports and NACK are all it says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>

#include "receiver.h"

constexpr size_t kMaxPacket = 1500;

int64_t monotonicNs();
int64_t realtimeNs();

// The 20 bytes that a sender puts behind each payload: magic, counter, time of sending
// (CLOCK_REALTIME, ns), CRC-32 of all payload bytes before the CRC itself.
constexpr size_t kStampSize = 20;
constexpr uint32_t kStampMagic = 0x59534655;
void writeStamp(uint8_t* payload, size_t contentSize, uint32_t counter, int64_t sentNs);
// Returns the time of sending, or 0 when the payload is not what was sent.
int64_t readStamp(const uint8_t* payload, size_t size);

size_t rtpHeaderSize(const uint8_t* packet, size_t size);

// Latency in steps of 10 µs.
class Histogram {
 public:
  void add(int64_t ns);
  void clear();
  double quantileMs(double part) const;
  uint64_t count() const { return count_; }

 private:
  static constexpr size_t kSteps = 50'000;
  std::vector<uint32_t> steps_ = std::vector<uint32_t>(kSteps);
  uint64_t count_ = 0;
};

// What all viewers of a process share.
struct Totals {
  uint64_t packets = 0;
  // Without RTP headers: servers add header extensions of their own, which serve no viewer here.
  uint64_t payloadBytes = 0;
  uint64_t duplicates = 0;
  uint64_t nacks = 0;
  uint64_t checked = 0;
  uint64_t bad = 0;
  Histogram latency;
};

// Certificate and SRTP profile that every peer of a process uses.
class DtlsContext {
 public:
  explicit DtlsContext(const std::string& profiles);
  SSL_CTX* get() const { return context_; }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  SSL_CTX* context_;
  std::string fingerprint_;
};

class Peer {
 public:
  struct Events {
    std::function<void(Peer&)> connected;
    std::function<void(Peer&, const char* why)> failed;
    std::function<void(Peer&)> firstFrame;
    std::function<void(Peer&)> keyFrameRequested;
  };

  Peer(std::string id, const DtlsContext& context, Totals& totals, const Events& events);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void connect(const sockaddr_in& server, const std::string& remoteUfrag,
               const std::string& remotePassword, const std::string& fingerprint, int videoPayload);
  void readable();
  void tick(int64_t nowNs);
  // Returns what went out, with the authentication tag; 0 if nothing did.
  size_t sendRtp(uint8_t* packet, size_t size);
  // What ties a stream's RTP time to the clock; a server needs it to change layers.
  void sendSenderReport(uint32_t ssrc, uint32_t rtpTime, uint32_t packets, uint32_t octets);
  // Looks into every video packet until a whole key frame has come, and asks for one meanwhile.
  void seekFirstFrame() { isSeeking_ = true; }
  void beginWindow();

  const std::string id;
  std::string localUfrag;
  std::string localPassword;
  uint16_t port = 0;
  int fd = -1;
  bool isConnected = false;
  std::vector<Receiver> receivers;

 private:
  void receive(uint8_t* packet, size_t size, int64_t arrivedNs);
  void receiveStun(const uint8_t* packet, size_t size);
  void receiveDtls(const uint8_t* packet, size_t size);
  void receiveRtp(uint8_t* packet, size_t size, int64_t arrivedNs);
  void receiveRtcp(uint8_t* packet, size_t size);
  void checkContent(uint8_t* packet, size_t size, int64_t arrivedNs);
  void handshake();
  void startSrtp();
  void flushDtls();
  void sendCheck();
  void sendRtcp(std::vector<uint8_t>& packet);
  void sendReport(int64_t nowNs);
  void sendNacks(int64_t nowNs);
  void askKeyFrame(int64_t nowNs);
  void fail(const char* why);

  const DtlsContext& context_;
  Totals& totals_;
  const Events& events_;
  SSL* ssl_ = nullptr;
  srtp_t outbound_ = nullptr;
  srtp_t inbound_ = nullptr;
  sockaddr_in server_{};
  std::string remoteUfrag_;
  std::string remotePassword_;
  std::string remoteFingerprint_;
  int videoPayload_ = -1;
  uint32_t ownSsrc_;
  bool isIceDone_ = false;
  bool isFailed_ = false;
  bool isSeeking_ = false;
  KeyFrameFinder finder_;
  int64_t startedNs_ = 0;
  int64_t nextCheckNs_ = 0;
  int64_t nextReportNs_ = 0;
  int64_t nextKeyFrameNs_ = 0;
};
