#include "replay.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/socket.h>

namespace {

constexpr size_t kRecordHeader = 20;
constexpr int64_t kKeyFrameAtMostEveryNs = 300'000'000;
// After a stall the past is dropped rather than sent in one burst that no sender would make.
constexpr int64_t kReportEveryNs = 1'000'000'000;
constexpr int64_t kMostBehindNs = 200'000'000;

uint64_t little(const uint8_t* at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
  return value;
}

void put(uint8_t* at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = uint8_t(value >> (8 * (bytes - 1 - i)));
}

}  // namespace

Replay::Replay(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 8) throw std::runtime_error("no capture in " + path);
  durationUs_ = little(bytes.data(), 8);
  for (size_t at = 8; at + kRecordHeader <= bytes.size();) {
    const uint8_t* record = bytes.data() + at;
    const size_t size = little(record + 18, 2);
    const uint8_t flags = record[16];
    packets_.push_back({little(record, 8), little(record + 8, 8), bool(flags & 1), bool(flags & 2),
                        bool(flags & 4), {record + kRecordHeader, record + kRecordHeader + size}});
    at += kRecordHeader + size;
  }
  if (packets_.empty() || durationUs_ == 0) throw std::runtime_error("empty capture in " + path);
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void Replay::start(int64_t nowNs) {
  next_ = 0;
  loopNs_ = nowNs;
  originNs_ = nowNs;
  isRunning_ = true;
}

void Replay::restart(int64_t nowNs) {
  if (!isRunning_ || nowNs - loopNs_ < kKeyFrameAtMostEveryNs) return;
  loopNs_ = nowNs;
  next_ = 0;
}

int64_t Replay::run(int64_t nowNs) {
  if (!isRunning_) return -1;
  if (peer && nowNs >= nextReportNs_) report(nowNs);
  for (;;) {
    const CapturedPacket& packet = packets_[next_];
    const int64_t dueNs = loopNs_ + int64_t(packet.atUs) * 1000;
    if (dueNs > nowNs) return dueNs;
    if (nowNs - dueNs > kMostBehindNs) loopNs_ += nowNs - dueNs;
    send(packet);
    if (++next_ < packets_.size()) continue;
    next_ = 0;
    loopNs_ += int64_t(durationUs_) * 1000;
  }
}

void Replay::report(int64_t nowNs) {
  nextReportNs_ = nowNs + kReportEveryNs;
  const uint64_t elapsedUs = uint64_t(nowNs - originNs_) / 1000;
  for (const auto& [stream, rate] : {std::pair{&video, 90'000}, std::pair{&audio, 48'000}}) {
    if (stream->ssrc == 0 || stream->packets == 0) continue;
    const auto rtpTime = uint32_t(elapsedUs * uint64_t(rate) / 1'000'000);
    peer->sendSenderReport(stream->ssrc, rtpTime, stream->packets, stream->octets);
  }
}

void Replay::send(const CapturedPacket& packet) {
  Stream& stream = packet.isVideo ? video : audio;
  if (stream.ssrc == 0) return;
  uint8_t buffer[kMaxPacket + SRTP_MAX_TRAILER_LEN];
  const uint64_t elapsedUs = uint64_t(loopNs_ - originNs_) / 1000 + packet.mediaUs;
  const uint64_t rate = packet.isVideo ? 90'000 : 48'000;
  buffer[0] = 0x80;
  buffer[1] = uint8_t(stream.payloadType | (packet.isLast ? 0x80 : 0));
  put(buffer + 2, stream.sequence++, 2);
  put(buffer + 4, elapsedUs * rate / 1'000'000, 4);
  put(buffer + 8, stream.ssrc, 4);
  const size_t content = packet.payload.size();
  std::memcpy(buffer + 12, packet.payload.data(), content);
  const size_t size = 12 + content + kStampSize;
  const auto deliver = [&](const sockaddr_in& target) {
    writeStamp(buffer + 12, content, counter_, realtimeNs());
    const auto* to = reinterpret_cast<const sockaddr*>(&target);
    return sendto(fd, buffer, size, 0, to, sizeof target) == ssize_t(size) ? size : 0;
  };
  counter_++;
  if (hasControl) deliver(control);
  size_t sent;
  if (peer) {
    writeStamp(buffer + 12, content, counter_, realtimeNs());
    sent = peer->sendRtp(buffer, size);
  } else {
    sent = deliver(stream.target);
  }
  stream.packets++;
  stream.octets += uint32_t(content + kStampSize);
  sentPackets++;
  sentBytes += sent;
  if (sent == 0) failedPackets++;
}
