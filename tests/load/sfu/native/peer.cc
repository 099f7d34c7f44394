#include "peer.h"

#include <arpa/inet.h>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "stun.h"

namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kCheckEveryNs = 4'000 * kMs;
constexpr int64_t kFirstCheckEveryNs = 200 * kMs;
constexpr int64_t kReportEveryNs = 1'000 * kMs;
constexpr int64_t kConnectWithinNs = 15'000 * kMs;
// A gap may be a packet out of order; after a second nobody would play it any more.
constexpr int64_t kNackAfterNs = 20 * kMs;
constexpr int64_t kNackEveryNs = 100 * kMs;
constexpr int64_t kGiveUpNs = 1'000 * kMs;
// Chromium asks for a key frame this often while it has none.
constexpr int64_t kKeyFrameEveryNs = 200 * kMs;
// One packet in eight is decrypted and looked into.
constexpr uint16_t kSampleMask = 7;
constexpr int kBatch = 16;
constexpr uint64_t kNtpOffsetSeconds = 2'208'988'800;

int64_t clockNs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string randomText(size_t size) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
  std::vector<uint8_t> bytes(size);
  RAND_bytes(bytes.data(), int(size));
  std::string text;
  for (auto byte : bytes) text += letters[byte & 63];
  return text;
}

std::string fingerprintOf(X509* certificate) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  std::string text;
  char hex[4];
  for (unsigned i = 0; i < size; i++) {
    snprintf(hex, sizeof hex, i ? ":%02X" : "%02X", digest[i]);
    text += hex;
  }
  return text;
}

void put64(uint8_t* at, uint64_t value) {
  for (int i = 0; i < 8; i++) at[i] = uint8_t(value >> (56 - 8 * i));
}
void put32At(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = uint8_t(value >> (24 - 8 * i));
}

}  // namespace

int64_t monotonicNs() { return clockNs(CLOCK_MONOTONIC); }
int64_t realtimeNs() { return clockNs(CLOCK_REALTIME); }

void writeStamp(uint8_t* payload, size_t contentSize, uint32_t counter, int64_t sentNs) {
  uint8_t* at = payload + contentSize;
  put32At(at, kStampMagic);
  put32At(at + 4, counter);
  put64(at + 8, uint64_t(sentNs));
  put32At(at + 16, stun::crc32(payload, contentSize + 16));
}

int64_t readStamp(const uint8_t* payload, size_t size) {
  if (size < kStampSize) return 0;
  const uint8_t* at = payload + size - kStampSize;
  if (stun::read32(at) != kStampMagic) return 0;
  if (stun::read32(at + 16) != stun::crc32(payload, size - 4)) return 0;
  return int64_t(uint64_t(stun::read32(at + 8)) << 32 | stun::read32(at + 12));
}

size_t rtpHeaderSize(const uint8_t* packet, size_t size) {
  size_t header = 12 + 4 * size_t(packet[0] & 0x0F);
  if ((packet[0] & 0x10) && size >= header + 4) header += 4 + 4 * size_t(stun::read16(packet + header + 2));
  return std::min(header, size);
}

void Histogram::add(int64_t ns) {
  const int64_t step = std::max<int64_t>(0, ns / 10'000);
  steps_[std::min<size_t>(size_t(step), kSteps - 1)]++;
  count_++;
}

void Histogram::clear() {
  std::fill(steps_.begin(), steps_.end(), 0);
  count_ = 0;
}

double Histogram::quantileMs(double part) const {
  uint64_t sum = 0;
  for (size_t step = 0; step < kSteps; step++) {
    sum += steps_[step];
    if (sum > 0 && double(sum) >= part * double(count_)) return double(step + 1) / 100.0;
  }
  return 0;
}

DtlsContext::DtlsContext(const std::string& profiles) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400 * 30);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>("bench"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  fingerprint_ = fingerprintOf(certificate);

  context_ = SSL_CTX_new(DTLS_client_method());
  SSL_CTX_use_certificate(context_, certificate);
  SSL_CTX_use_PrivateKey(context_, key);
  // The certificate is checked against the fingerprint of the signalling once it is there.
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU);
  // The function answers 0 for success.
  if (SSL_CTX_set_tlsext_use_srtp(context_, profiles.c_str()) != 0) {
    throw std::runtime_error("SRTP profile " + profiles + " is unknown here");
  }
}

Peer::Peer(std::string id, const DtlsContext& context, Totals& totals, const Events& events)
    : id(std::move(id)),
      localUfrag(randomText(8)),
      localPassword(randomText(24)),
      context_(context),
      totals_(totals),
      events_(events) {
  RAND_bytes(reinterpret_cast<uint8_t*>(&ownSsrc_), sizeof ownSsrc_);
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  // A load that drops would be counted against the server.
  const int buffer = 1 << 21;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  // The address follows from where it connects to: Janus listens on the machine's outer one.
  own.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof own;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) {
    throw std::runtime_error("no socket to be had");
  }
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  port = ntohs(own.sin_port);
}

Peer::~Peer() {
  if (ssl_) SSL_free(ssl_);
  if (outbound_) srtp_dealloc(outbound_);
  if (inbound_) srtp_dealloc(inbound_);
  if (fd >= 0) close(fd);
}

void Peer::connect(const sockaddr_in& server, const std::string& remoteUfrag,
                   const std::string& remotePassword, const std::string& fingerprint,
                   int videoPayload) {
  server_ = server;
  remoteUfrag_ = remoteUfrag;
  remotePassword_ = remotePassword;
  remoteFingerprint_ = fingerprint;
  videoPayload_ = videoPayload;
  startedNs_ = monotonicNs();
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    return fail("address");
  }
  sendCheck();
}

void Peer::readable() {
  static uint8_t buffers[kBatch][kMaxPacket];
  static char controls[kBatch][64];
  iovec parts[kBatch];
  mmsghdr messages[kBatch];
  for (;;) {
    for (int i = 0; i < kBatch; i++) {
      parts[i] = {buffers[i], kMaxPacket};
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = controls[i];
      messages[i].msg_hdr.msg_controllen = sizeof controls[i];
    }
    const int count = recvmmsg(fd, messages, kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; i++) {
      int64_t arrivedNs = 0;
      const cmsghdr* control = CMSG_FIRSTHDR(&messages[i].msg_hdr);
      if (control && control->cmsg_type == SCM_TIMESTAMPNS) {
        timespec at;
        std::memcpy(&at, CMSG_DATA(control), sizeof at);
        arrivedNs = int64_t(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
      }
      receive(buffers[i], messages[i].msg_len, arrivedNs);
    }
    if (count < kBatch) return;
  }
}

void Peer::receive(uint8_t* packet, size_t size, int64_t arrivedNs) {
  if (size < 12) return;
  const uint8_t first = packet[0];
  if (first < 4) return receiveStun(packet, size);
  if (first >= 20 && first < 64) return receiveDtls(packet, size);
  if (first < 128 || first > 191 || !inbound_) return;
  if (packet[1] >= 192 && packet[1] <= 223) return receiveRtcp(packet, size);
  receiveRtp(packet, size, arrivedNs);
}

void Peer::receiveStun(const uint8_t* packet, size_t size) {
  if (size < 20 || stun::read32(packet + 4) != stun::kMagicCookie) return;
  const uint16_t type = stun::read16(packet);
  if (type == stun::kBindingRequest) {
    const auto answer = stun::bindingSuccess(packet, server_, localPassword);
    send(fd, answer.data(), answer.size(), 0);
    return;
  }
  if (type != stun::kBindingSuccess || isIceDone_) return;
  isIceDone_ = true;
  nextCheckNs_ = monotonicNs() + kCheckEveryNs;
  ssl_ = SSL_new(context_.get());
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_mtu(ssl_, 1200);
  SSL_set_connect_state(ssl_);
  // Janus is deaf for a moment after its first check; a second's wait for each viewer adds up.
  DTLS_set_timer_cb(ssl_, [](SSL*, unsigned lastUs) { return lastUs ? 2 * lastUs : 50'000u; });
  handshake();
}

void Peer::receiveDtls(const uint8_t* packet, size_t size) {
  if (!ssl_) return;
  BIO_write(SSL_get_rbio(ssl_), packet, int(size));
  if (!isConnected) return handshake();
  uint8_t ignored[256];
  const int count = SSL_read(ssl_, ignored, sizeof ignored);
  if (count <= 0 && (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN)) fail("closed by the server");
  ERR_clear_error();
}

void Peer::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_);
  flushDtls();
  if (done == 1) return startSrtp();
  const int error = SSL_get_error(ssl_, done);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail("DTLS");
}

void Peer::flushDtls() {
  uint8_t flight[4096];
  const int size = BIO_read(SSL_get_wbio(ssl_), flight, sizeof flight);
  if (size > 0) send(fd, flight, size_t(size), 0);
}

void Peer::startSrtp() {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  const bool isExpected = certificate && fingerprintOf(certificate) == remoteFingerprint_;
  X509_free(certificate);
  if (!isExpected) return fail("fingerprint");
  const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(ssl_);
  if (!chosen) return fail("no SRTP profile");
  const auto profile = srtp_profile_t(chosen->id);
  const size_t keySize = srtp_profile_get_master_key_length(profile);
  const size_t saltSize = srtp_profile_get_master_salt_length(profile);
  std::vector<uint8_t> material(2 * (keySize + saltSize));
  static const char label[] = "EXTRACTOR-dtls_srtp";
  SSL_export_keying_material(ssl_, material.data(), material.size(), label, sizeof label - 1, nullptr, 0, 0);
  const auto create = [&](bool isClients, srtp_ssrc_type_t direction, srtp_t* session) {
    std::vector<uint8_t> key(material.begin() + (isClients ? 0 : keySize),
                             material.begin() + (isClients ? keySize : 2 * keySize));
    const auto salt = material.begin() + 2 * keySize + (isClients ? 0 : saltSize);
    key.insert(key.end(), salt, salt + saltSize);
    srtp_policy_t policy{};
    srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile);
    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile);
    policy.ssrc.type = direction;
    policy.key = key.data();
    policy.window_size = 1024;
    return srtp_create(session, &policy) == srtp_err_status_ok;
  };
  if (!create(true, ssrc_any_outbound, &outbound_) || !create(false, ssrc_any_inbound, &inbound_)) {
    return fail("SRTP");
  }
  isConnected = true;
  nextReportNs_ = monotonicNs() + kReportEveryNs * int64_t(ownSsrc_ % 1000) / 1000;
  events_.connected(*this);
}

void Peer::receiveRtp(uint8_t* packet, size_t size, int64_t arrivedNs) {
  const uint32_t ssrc = stun::read32(packet + 8);
  const uint16_t sequence = stun::read16(packet + 2);
  const int payload = packet[1] & 0x7F;
  Receiver* receiver = nullptr;
  for (auto& one : receivers) {
    if (one.ssrc == ssrc) receiver = &one;
  }
  if (!receiver) receiver = &receivers.emplace_back(ssrc, payload == videoPayload_);
  totals_.packets++;
  totals_.payloadBytes += size - rtpHeaderSize(packet, size);
  if (!receiver->take(sequence, monotonicNs())) {
    totals_.duplicates++;
    return;
  }
  const bool isLookedFor = isSeeking_ && receiver->isVideo && !finder_.isFound;
  if ((sequence & kSampleMask) == 0 || isLookedFor) checkContent(packet, size, arrivedNs);
}

void Peer::checkContent(uint8_t* packet, size_t size, int64_t arrivedNs) {
  int length = int(size);
  const auto status = srtp_unprotect(inbound_, packet, &length);
  if (status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old) return;
  totals_.checked++;
  if (status != srtp_err_status_ok) {
    totals_.bad++;
    return;
  }
  const size_t header = rtpHeaderSize(packet, size_t(length));
  const uint8_t* payload = packet + header;
  const size_t payloadSize = size_t(length) - header;
  const int64_t sentNs = readStamp(payload, payloadSize);
  if (sentNs == 0) {
    totals_.bad++;
    return;
  }
  totals_.latency.add((arrivedNs ? arrivedNs : realtimeNs()) - sentNs);
  if (!isSeeking_ || (packet[1] & 0x7F) != videoPayload_) return;
  const bool isLast = packet[1] & 0x80;
  if (finder_.take(stun::read16(packet + 2), stun::read32(packet + 4), isLast, payload, payloadSize)) {
    events_.firstFrame(*this);
  }
}

void Peer::receiveRtcp(uint8_t* packet, size_t size) {
  int length = int(size);
  if (srtp_unprotect_rtcp(inbound_, packet, &length) != srtp_err_status_ok) return;
  for (size_t at = 0; at + 8 <= size_t(length);) {
    const uint8_t format = packet[at] & 0x1F;
    const uint8_t type = packet[at + 1];
    const size_t bytes = 4 * (size_t(stun::read16(packet + at + 2)) + 1);
    if (type == 200 && at + 20 <= size_t(length)) {
      for (auto& receiver : receivers) {
        if (receiver.ssrc != stun::read32(packet + at + 4)) continue;
        receiver.lastSenderReport = stun::read32(packet + at + 10);
        receiver.lastSenderReportNs = monotonicNs();
      }
    }
    if (type == 206 && (format == 1 || format == 4)) events_.keyFrameRequested(*this);
    at += bytes;
  }
}

void Peer::tick(int64_t nowNs) {
  if (isFailed_ || startedNs_ == 0) return;
  if (nowNs >= nextCheckNs_) sendCheck();
  if (!isConnected) {
    if (ssl_ && DTLSv1_handle_timeout(ssl_) > 0) flushDtls();
    if (nowNs - startedNs_ > kConnectWithinNs) fail(isIceDone_ ? "DTLS time" : "ICE time");
    return;
  }
  sendNacks(nowNs);
  if (nowNs >= nextReportNs_) sendReport(nowNs);
  if (isSeeking_ && !finder_.isFound && nowNs >= nextKeyFrameNs_) askKeyFrame(nowNs);
}

void Peer::sendCheck() {
  const auto request = stun::bindingRequest(remoteUfrag_ + ":" + localUfrag, remotePassword_);
  send(fd, request.data(), request.size(), 0);
  nextCheckNs_ = monotonicNs() + (isIceDone_ ? kCheckEveryNs : kFirstCheckEveryNs);
}

size_t Peer::sendRtp(uint8_t* packet, size_t size) {
  int length = int(size);
  if (!outbound_ || srtp_protect(outbound_, packet, &length) != srtp_err_status_ok) return 0;
  return send(fd, packet, size_t(length), 0) == length ? size_t(length) : 0;
}

void Peer::sendRtcp(std::vector<uint8_t>& packet) {
  int length = int(packet.size());
  packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
  if (srtp_protect_rtcp(outbound_, packet.data(), &length) == srtp_err_status_ok) {
    send(fd, packet.data(), size_t(length), 0);
  }
}

void Peer::sendSenderReport(uint32_t ssrc, uint32_t rtpTime, uint32_t packets, uint32_t octets) {
  if (!outbound_) return;
  const uint64_t nowNs = uint64_t(realtimeNs());
  std::vector<uint8_t> packet{0x80, 200, 0, 6};
  stun::put32(packet, ssrc);
  stun::put32(packet, uint32_t(nowNs / 1'000'000'000 + kNtpOffsetSeconds));
  stun::put32(packet, uint32_t(double(nowNs % 1'000'000'000) * 4.294967296));
  stun::put32(packet, rtpTime);
  stun::put32(packet, packets);
  stun::put32(packet, octets);
  sendRtcp(packet);
}

void Peer::sendReport(int64_t nowNs) {
  nextReportNs_ = nowNs + kReportEveryNs;
  if (receivers.empty()) return;
  std::vector<uint8_t> packet{uint8_t(0x80 | receivers.size()), 201};
  stun::put16(packet, uint16_t(1 + 6 * receivers.size()));
  stun::put32(packet, ownSsrc_);
  for (auto& receiver : receivers) {
    stun::put32(packet, receiver.ssrc);
    stun::put32(packet, uint32_t(receiver.fractionLost()) << 24 | receiver.cumulativeLost());
    stun::put32(packet, receiver.highest());
    stun::put32(packet, 0);
    stun::put32(packet, receiver.lastSenderReport);
    const int64_t sinceNs = receiver.lastSenderReport ? nowNs - receiver.lastSenderReportNs : 0;
    stun::put32(packet, uint32_t(double(sinceNs) * 65'536 / 1e9));
  }
  sendRtcp(packet);
}

void Peer::sendNacks(int64_t nowNs) {
  for (auto& receiver : receivers) {
    auto& missing = receiver.missing;
    if (missing.empty()) continue;
    std::erase_if(missing, [&](const Missing& one) { return nowNs - one.sinceNs > kGiveUpNs; });
    std::vector<uint8_t> packet{0x81, 205, 0, 0};
    stun::put32(packet, ownSsrc_);
    stun::put32(packet, receiver.ssrc);
    for (auto& one : missing) {
      if (nowNs - one.sinceNs < kNackAfterNs || nowNs - one.askedNs < kNackEveryNs) continue;
      if (packet.size() > 1'000) break;
      one.askedNs = nowNs;
      stun::put16(packet, uint16_t(one.sequence));
      stun::put16(packet, 0);
      totals_.nacks++;
    }
    if (packet.size() == 12) continue;
    packet[3] = uint8_t(packet.size() / 4 - 1);
    packet[2] = uint8_t((packet.size() / 4 - 1) >> 8);
    sendRtcp(packet);
  }
}

void Peer::askKeyFrame(int64_t nowNs) {
  for (const auto& receiver : receivers) {
    if (!receiver.isVideo) continue;
    if (nextKeyFrameNs_ != 0) {
      std::vector<uint8_t> packet{0x81, 206, 0, 2};
      stun::put32(packet, ownSsrc_);
      stun::put32(packet, receiver.ssrc);
      sendRtcp(packet);
    }
    // The first while after the first packet belongs to the key frame that is on its way.
    nextKeyFrameNs_ = nowNs + kKeyFrameEveryNs;
  }
}

void Peer::beginWindow() {
  for (auto& receiver : receivers) receiver.beginWindow();
}

void Peer::fail(const char* why) {
  if (isFailed_) return;
  isFailed_ = true;
  isConnected = false;
  events_.failed(*this, why);
}
