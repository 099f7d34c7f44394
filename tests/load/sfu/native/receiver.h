// What a viewer keeps of one incoming stream: sequence numbers, gaps, and what its receiver reports
// say. Everything here is read from the plaintext RTP header.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <vector>

struct Missing {
  uint32_t sequence;  // extended by its cycles
  int64_t sinceNs;
  int64_t askedNs;
};

// Loss between two moments: what the highest sequence number promises against what came, once.
struct StreamMark {
  uint32_t highest = 0;
  uint64_t received = 0;
};

class Receiver {
 public:
  static constexpr size_t kRemembered = 2048;

  Receiver(uint32_t ssrc, bool isVideo) : ssrc(ssrc), isVideo(isVideo) {}

  // Returns false for a packet that has come before.
  bool take(uint16_t sequence, int64_t nowNs) {
    if (!isStarted_) {
      isStarted_ = true;
      highest_ = 0x10000u + sequence;
      base_ = highest_;
      seen_.set(highest_ % kRemembered);
      mark_ = {highest_ - 1, 0};
      reported_ = mark_;
      received_ = 1;
      return true;
    }
    const auto delta = int16_t(sequence - uint16_t(highest_));
    const uint32_t extended = highest_ + delta;
    if (delta > 0) {
      for (uint32_t next = highest_ + 1; next < extended; next++) {
        seen_.reset(next % kRemembered);
        if (missing.size() < 500) missing.push_back({next, nowNs, 0});
      }
      seen_.set(extended % kRemembered);
      highest_ = extended;
      received_++;
      return true;
    }
    if (size_t(-delta) >= kRemembered || extended < base_ || seen_.test(extended % kRemembered)) {
      return false;
    }
    seen_.set(extended % kRemembered);
    received_++;
    repaired++;
    missing.erase(
        std::remove_if(missing.begin(), missing.end(),
                       [&](const Missing& one) { return one.sequence == extended; }),
        missing.end());
    return true;
  }

  void beginWindow() { mark_ = {highest_, received_}; repaired = 0; }
  uint64_t expectedInWindow() const { return highest_ - mark_.highest; }
  uint64_t receivedInWindow() const { return received_ - mark_.received; }

  uint32_t highest() const { return highest_; }
  uint32_t cumulativeLost() const {
    const int64_t lost = int64_t(highest_ - base_ + 1) - int64_t(received_);
    return uint32_t(std::max<int64_t>(0, lost)) & 0xFFFFFF;
  }
  // Loss since the last report as a part of 256 (RFC 3550, 6.4.1).
  uint8_t fractionLost() {
    const int64_t expected = highest_ - reported_.highest;
    const int64_t lost = expected - int64_t(received_ - reported_.received);
    reported_ = {highest_, received_};
    return expected <= 0 || lost <= 0 ? 0 : uint8_t(std::min<int64_t>(255, lost * 256 / expected));
  }

  const uint32_t ssrc;
  const bool isVideo;
  std::vector<Missing> missing;
  uint64_t repaired = 0;
  uint32_t lastSenderReport = 0;
  int64_t lastSenderReportNs = 0;

 private:
  bool isStarted_ = false;
  uint32_t base_ = 0;
  uint32_t highest_ = 0;
  uint64_t received_ = 0;
  std::bitset<kRemembered> seen_;
  StreamMark mark_;
  StreamMark reported_;
};

// Finds the first whole key frame of a VP8 stream (RFC 7741) among decrypted packets.
class KeyFrameFinder {
 public:
  // Returns true once, with the packet that completes it.
  bool take(uint16_t sequence, uint32_t timestamp, bool isLast, const uint8_t* payload, size_t size) {
    if (isFound) return false;
    if (startsKeyFrame(payload, size)) {
      timestamp_ = timestamp;
      first_ = sequence;
      count_ = 0;
      last_ = -1;
      isBegun_ = true;
    }
    if (!isBegun_ || timestamp != timestamp_) return false;
    count_++;
    if (isLast) last_ = sequence;
    if (last_ < 0 || count_ != uint16_t(uint16_t(last_) - first_) + 1u) return false;
    isFound = true;
    return true;
  }

  static bool startsKeyFrame(const uint8_t* payload, size_t size) {
    if (size < 4) return false;
    const bool isExtended = payload[0] & 0x80;
    const bool isFirstPartition = (payload[0] & 0x10) && (payload[0] & 0x07) == 0;
    size_t at = 1;
    if (isExtended) {
      const uint8_t bits = payload[at++];
      if (bits & 0x80) at += payload[at] & 0x80 ? 2 : 1;
      if (bits & 0x40) at++;
      if (bits & 0x30) at++;
    }
    return isFirstPartition && at < size && !(payload[at] & 0x01);
  }

  bool isFound = false;

 private:
  bool isBegun_ = false;
  uint32_t timestamp_ = 0;
  uint16_t first_ = 0;
  uint32_t count_ = 0;
  int32_t last_ = -1;
};
