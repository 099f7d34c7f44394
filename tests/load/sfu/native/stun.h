// STUN binding messages with short-term credentials (RFC 8489, RFC 8445), as an ICE client needs
// them towards an ICE-lite server.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace stun {

constexpr uint32_t kMagicCookie = 0x2112A442;
constexpr uint16_t kBindingRequest = 0x0001;
constexpr uint16_t kBindingSuccess = 0x0101;

inline uint16_t read16(const uint8_t* p) { return uint16_t(p[0] << 8 | p[1]); }
inline uint32_t read32(const uint8_t* p) { return uint32_t(read16(p)) << 16 | read16(p + 2); }
inline void put16(std::vector<uint8_t>& out, uint16_t v) {
  out.push_back(uint8_t(v >> 8));
  out.push_back(uint8_t(v));
}
inline void put32(std::vector<uint8_t>& out, uint32_t v) {
  put16(out, uint16_t(v >> 16));
  put16(out, uint16_t(v));
}

inline uint32_t crc32(const uint8_t* data, size_t size) {
  static const auto table = [] {
    std::vector<uint32_t> t(256);
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  uint32_t c = 0xFFFFFFFFu;
  for (size_t i = 0; i < size; i++) c = table[(c ^ data[i]) & 0xFF] ^ (c >> 8);
  return c ^ 0xFFFFFFFFu;
}

class Message {
 public:
  Message(uint16_t type, const uint8_t* transaction) {
    put16(bytes_, type);
    put16(bytes_, 0);
    put32(bytes_, kMagicCookie);
    bytes_.insert(bytes_.end(), transaction, transaction + 12);
  }

  void add(uint16_t type, const uint8_t* value, size_t size) {
    put16(bytes_, type);
    put16(bytes_, uint16_t(size));
    bytes_.insert(bytes_.end(), value, value + size);
    while (bytes_.size() % 4) bytes_.push_back(0);
  }

  // Closes the message with MESSAGE-INTEGRITY and FINGERPRINT.
  const std::vector<uint8_t>& finish(const std::string& password) {
    setLength(bytes_.size() + 24 - 20);
    uint8_t mac[20];
    unsigned size = sizeof mac;
    HMAC(EVP_sha1(), password.data(), int(password.size()), bytes_.data(), bytes_.size(), mac, &size);
    add(0x0008, mac, sizeof mac);
    setLength(bytes_.size() + 8 - 20);
    std::vector<uint8_t> crc;
    put32(crc, crc32(bytes_.data(), bytes_.size()) ^ 0x5354554Eu);
    add(0x8028, crc.data(), crc.size());
    return bytes_;
  }

 private:
  void setLength(size_t length) {
    bytes_[2] = uint8_t(length >> 8);
    bytes_[3] = uint8_t(length);
  }
  std::vector<uint8_t> bytes_;
};

// A controlling client's check that nominates at once.
inline std::vector<uint8_t> bindingRequest(const std::string& username, const std::string& password) {
  uint8_t transaction[12];
  RAND_bytes(transaction, sizeof transaction);
  Message message(kBindingRequest, transaction);
  message.add(0x0006, reinterpret_cast<const uint8_t*>(username.data()), username.size());
  std::vector<uint8_t> priority;
  put32(priority, 0x7E0000FF);
  message.add(0x0024, priority.data(), priority.size());
  message.add(0x802A, transaction, 8);
  message.add(0x0025, nullptr, 0);
  return message.finish(password);
}

// The answer to a server's own check (a full ICE agent makes them).
inline std::vector<uint8_t> bindingSuccess(
    const uint8_t* request, const sockaddr_in& from, const std::string& password) {
  Message message(kBindingSuccess, request + 8);
  std::vector<uint8_t> address;
  put16(address, 1);
  put16(address, uint16_t(ntohs(from.sin_port) ^ (kMagicCookie >> 16)));
  put32(address, ntohl(from.sin_addr.s_addr) ^ kMagicCookie);
  message.add(0x0020, address.data(), address.size());
  return message.finish(password);
}

}  // namespace stun
