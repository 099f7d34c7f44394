// Load for a media server: hundreds of WebRTC viewers, or a sender, in one process with one epoll
// loop. Commands come line by line on standard input, events and figures go to standard output;
// the end of standard input ends it. See ../program.ts for the other side.
//
//   main <SRTP profiles in OpenSSL's names> [capture, or one for each layer from the lowest]
//
//   open ID                                    -> opened ID PORT UFRAG PASSWORD
//   connect ID IP PORT UFRAG PASSWORD FP VPT   -> connected ID | failed ID WHY
//   seek ID                                    -> frame ID UNIX_MS, at the first whole key frame
//   close ID
//   begin, end                                 -> stats {…} of the window between
//   control                                    -> control PORT: where the plain copy is taken
//   video|audio SSRC PT IP PORT                where the capture goes as plain RTP
//   publish ID VSSRC VPT ASSRC APT             or through this peer
//   layer N ID SSRC PT                         the picture of the Nth capture, too
//   copy PORT                                  a plain copy goes there
//   play, rest
//   ondemand                                   from now on a key frame is made when one is asked for
//   restart                                    asks for one, as a server may by its signalling
//                                              -> keyrequest UNIX_MS at each PLI or FIR
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "replay.h"
#include "stun.h"

namespace {

constexpr int64_t kTickNs = 10'000'000;
// The loop looks at its sockets this often rather than being woken by each packet: on loopback it is
// the server that would pay for the waking, which no real viewer costs it. Times of arrival are the
// kernel's and do not suffer.
constexpr int64_t kLookNs = 2'000'000;

sockaddr_in address(const std::string& ip, int port) {
  sockaddr_in value{};
  value.sin_family = AF_INET;
  value.sin_port = htons(uint16_t(port));
  if (inet_pton(AF_INET, ip.c_str(), &value.sin_addr) != 1) throw std::runtime_error("address " + ip);
  return value;
}

int64_t unixMs() { return realtimeNs() / 1'000'000; }

class Program {
 public:
  Program(const std::string& profiles, const std::vector<std::string>& captures)
      : context_(profiles) {
    for (const auto& capture : captures) replays_.push_back(std::make_unique<Replay>(capture));
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    watch(STDIN_FILENO, &stdinMark_);
    if (!replays_.empty()) watch(replay().fd, &senderMark_);
    events_.connected = [](Peer& peer) { printf("connected %s\n", peer.id.c_str()); };
    events_.failed = [](Peer& peer, const char* why) { printf("failed %s %s\n", peer.id.c_str(), why); };
    events_.firstFrame = [](Peer& peer) { printf("frame %s %ld\n", peer.id.c_str(), long(unixMs())); };
    events_.keyFrameRequested = [this](Peer&) { keyFrameRequested(); };
    printf("fingerprint %s\n", context_.fingerprint().c_str());
    fflush(stdout);
  }

  void run() {
    epoll_event ready[256];
    int64_t nextTickNs = 0;
    while (isOpen_) {
      const int64_t nowNs = monotonicNs();
      int64_t wakeNs = nowNs + kLookNs;
      for (auto& one : replays_) {
        const int64_t dueNs = one->run(nowNs);
        if (dueNs >= 0) wakeNs = std::min(wakeNs, dueNs);
      }
      if (nowNs >= nextTickNs) {
        nextTickNs = nowNs + kTickNs;
        for (auto& [id, peer] : peers_) peer->tick(nowNs);
      }
      for (int count; (count = epoll_wait(epoll_, ready, 256, 0)) > 0;) {
        for (int i = 0; i < count; i++) serve(ready[i].data.ptr);
        // What was closed may still have stood among the ready ones.
        closed_.clear();
        if (count < 256) break;
      }
      fflush(stdout);
      sleepUntil(wakeNs);
    }
  }

 private:
  void watch(int fd, void* mark) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = mark;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  static void sleepUntil(int64_t atNs) {
    const timespec at{atNs / 1'000'000'000, atNs % 1'000'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
  }

  void serve(void* mark) {
    if (mark == &stdinMark_) return readCommands();
    if (mark == &controlMark_) return readControl();
    if (mark == &senderMark_) return readFeedback();
    static_cast<Peer*>(mark)->readable();
  }

  void readCommands() {
    char buffer[65'536];
    const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) {
      isOpen_ = false;
      return;
    }
    pending_.append(buffer, size_t(size));
    for (size_t end; (end = pending_.find('\n')) != std::string::npos;) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      try {
        command(line);
      } catch (const std::exception& error) {
        printf("error %s: %s\n", line.c_str(), error.what());
      }
    }
  }

  void command(const std::string& line) {
    std::istringstream words(line);
    std::string name, id;
    words >> name;
    if (name == "open") {
      words >> id;
      auto peer = std::make_unique<Peer>(id, context_, totals_, events_);
      printf("opened %s %d %s %s\n", id.c_str(), peer->port, peer->localUfrag.c_str(), peer->localPassword.c_str());
      watch(peer->fd, peer.get());
      peers_[id] = std::move(peer);
    } else if (name == "connect") {
      std::string ip, ufrag, password, fingerprint;
      int port, videoPayload;
      words >> id >> ip >> port >> ufrag >> password >> fingerprint >> videoPayload;
      peer(id).connect(address(ip, port), ufrag, password, fingerprint, videoPayload);
    } else if (name == "seek") {
      words >> id;
      peer(id).seekFirstFrame();
    } else if (name == "close") {
      words >> id;
      const auto found = peers_.find(id);
      if (found == peers_.end()) return;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, found->second->fd, nullptr);
      closed_.push_back(std::move(found->second));
      peers_.erase(found);
    } else if (name == "begin") {
      begin();
    } else if (name == "end") {
      end();
    } else if (name == "control") {
      openControl();
    } else if (name == "video" || name == "audio") {
      Stream& stream = name == "video" ? replay().video : replay().audio;
      std::string ip;
      int payloadType, port;
      words >> stream.ssrc >> payloadType >> ip >> port;
      stream.payloadType = uint8_t(payloadType);
      stream.target = address(ip, port);
      replay().peer = nullptr;
    } else if (name == "publish") {
      int videoType, audioType;
      words >> id >> replay().video.ssrc >> videoType >> replay().audio.ssrc >> audioType;
      replay().video.payloadType = uint8_t(videoType);
      replay().audio.payloadType = uint8_t(audioType);
      replay().peer = &peer(id);
    } else if (name == "layer") {
      size_t index;
      int payloadType;
      words >> index >> id;
      Replay& layer = *replays_.at(index);
      words >> layer.video.ssrc >> payloadType;
      layer.video.payloadType = uint8_t(payloadType);
      layer.peer = &peer(id);
    } else if (name == "copy") {
      int port;
      words >> port;
      replay().control = address("127.0.0.1", port);
      replay().hasControl = true;
    } else if (name == "play") {
      const int64_t nowNs = monotonicNs();
      for (auto& one : replays_) one->start(nowNs);
    } else if (name == "rest") {
      for (auto& one : replays_) one->stop();
    } else if (name == "restart") {
      restart();
    } else if (name == "ondemand") {
      isOnDemand_ = true;
    } else {
      throw std::runtime_error("unknown command");
    }
  }

  Peer& peer(const std::string& id) {
    const auto found = peers_.find(id);
    if (found == peers_.end()) throw std::runtime_error("no peer " + id);
    return *found->second;
  }

  Replay& replay() {
    if (replays_.empty()) throw std::runtime_error("no capture given");
    return *replays_.front();
  }

  void openControl() {
    control_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(control_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    sockaddr_in own = address("127.0.0.1", 0);
    socklen_t size = sizeof own;
    if (bind(control_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) throw std::runtime_error("bind");
    getsockname(control_, reinterpret_cast<sockaddr*>(&own), &size);
    watch(control_, &controlMark_);
    printf("control %d\n", ntohs(own.sin_port));
  }

  void readControl() {
    uint8_t packet[kMaxPacket];
    char control[64];
    for (;;) {
      iovec part{packet, sizeof packet};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t size = recvmsg(control_, &message, MSG_DONTWAIT);
      if (size < 12) return;
      const int64_t sentNs = readStamp(packet + 12, size_t(size) - 12);
      const cmsghdr* header = CMSG_FIRSTHDR(&message);
      if (sentNs == 0 || !header || header->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec at;
      std::memcpy(&at, CMSG_DATA(header), sizeof at);
      direct_.add(int64_t(at.tv_sec) * 1'000'000'000 + at.tv_nsec - sentNs);
    }
  }

  // RTCP that a server sends to the plain sender.
  void readFeedback() {
    uint8_t packet[kMaxPacket];
    for (;;) {
      const ssize_t size = recv(replay().fd, packet, sizeof packet, MSG_DONTWAIT);
      if (size < 0) return;
      for (size_t at = 0; at + 8 <= size_t(size);) {
        const uint8_t format = packet[at] & 0x1F;
        if (packet[at + 1] == 206 && (format == 1 || format == 4)) keyFrameRequested();
        at += 4 * (size_t(stun::read16(packet + at + 2)) + 1);
      }
    }
  }

  void keyFrameRequested() {
    printf("keyrequest %ld\n", long(unixMs()));
    restart();
  }

  void restart() {
    if (!isOnDemand_) return;
    const int64_t nowNs = monotonicNs();
    for (auto& one : replays_) one->restart(nowNs);
  }

  void begin() {
    for (auto& [id, peer] : peers_) peer->beginWindow();
    totals_ = Totals{};
    direct_.clear();
    for (auto& one : replays_) one->sentPackets = one->sentBytes = one->failedPackets = 0;
    windowNs_ = monotonicNs();
  }

  void end() {
    const double seconds = double(monotonicNs() - windowNs_) / 1e9;
    uint64_t expected = 0, received = 0, repaired = 0, connected = 0, silent = 0;
    for (auto& [id, peer] : peers_) {
      if (peer->isConnected) connected++;
      uint64_t came = 0;
      for (const auto& receiver : peer->receivers) {
        expected += receiver.expectedInWindow();
        received += receiver.receivedInWindow();
        repaired += receiver.repaired;
        came += receiver.receivedInWindow();
      }
      if (came == 0) silent++;
    }
    uint64_t sentPackets = 0, failedPackets = 0;
    std::string sentBytes;
    for (const auto& one : replays_) {
      sentPackets += one->sentPackets;
      failedPackets += one->failedPackets;
      sentBytes += (sentBytes.empty() ? "" : ",") + std::to_string(one->sentBytes);
    }
    printf("stats {\"seconds\":%.6f,\"peers\":%zu,\"connected\":%lu,\"silent\":%lu,\"packets\":%lu,"
           "\"payloadBytes\":%lu,\"expected\":%lu,\"received\":%lu,\"repaired\":%lu,\"duplicates\":%lu,"
           "\"nacks\":%lu,\"checked\":%lu,\"bad\":%lu,"
           "\"latencyMs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f,\"count\":%lu},"
           "\"directMs\":{\"p50\":%.2f,\"p99\":%.2f,\"count\":%lu},"
           "\"sentPackets\":%lu,\"sentBytes\":[%s],\"failedPackets\":%lu}\n",
           seconds, peers_.size(), connected, silent, totals_.packets, totals_.payloadBytes, expected, received,
           repaired, totals_.duplicates, totals_.nacks, totals_.checked, totals_.bad,
           totals_.latency.quantileMs(0.5), totals_.latency.quantileMs(0.99), totals_.latency.quantileMs(1),
           totals_.latency.count(), direct_.quantileMs(0.5), direct_.quantileMs(0.99), direct_.count(),
           sentPackets, sentBytes.c_str(), failedPackets);
  }

  DtlsContext context_;
  Totals totals_;
  Histogram direct_;
  Peer::Events events_;
  std::map<std::string, std::unique_ptr<Peer>> peers_;
  std::vector<std::unique_ptr<Peer>> closed_;
  std::vector<std::unique_ptr<Replay>> replays_;
  std::string pending_;
  int epoll_;
  int control_ = -1;
  bool isOpen_ = true;
  bool isOnDemand_ = false;
  int64_t windowNs_ = 0;
  int stdinMark_ = 0, controlMark_ = 0, senderMark_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: main <SRTP profiles> [capture ...]\n");
    return 2;
  }
  // Whoever started us says when to end, by closing standard input.
  signal(SIGINT, SIG_IGN);
  srtp_init();
  try {
    Program(argv[1], {argv + 2, argv + argc}).run();
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
