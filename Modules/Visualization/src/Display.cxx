#include "serval/Visualization/Display.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <X11/Xlib.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace serval
{
namespace
{

/// Owns a file descriptor that no child inherits by itself.
class Descriptor
{
public:
  explicit Descriptor(int number)
    : m_Number(number)
  {
    Require(number >= 0, Fault::Environment, "cannot prepare the X display: ", std::strerror(errno));
  }
  Descriptor(Descriptor && other) noexcept
    : m_Number(std::exchange(other.m_Number, -1))
  {}
  ~Descriptor() { Close(); }
  void Close()
  {
    if (m_Number >= 0)
      ::close(std::exchange(m_Number, -1));
  }
  operator int() const noexcept { return m_Number; }

private:
  int m_Number;
};

// The connection stays open as long as the process lives: Xvfb ends with its last client (-terminate).
bool Opens(const char * name)
{
  Display * display = ::XOpenDisplay(name);
  if (!display)
    return false;
  int opcode = 0, event = 0, error = 0;
  if (::XQueryExtension(display, "GLX", &opcode, &event, &error))
    return true;
  ::XCloseDisplay(display);
  return false;
}

std::string FindServer()
{
  const char * path = ::getenv("PATH");
  for (const auto & folder : Split(path ? path : "/usr/local/bin:/usr/bin:/bin", ':'))
    if (const std::string file = folder + "/Xvfb"; ::access(file.c_str(), X_OK) == 0)
      return file;
  Fail(Fault::Environment, "drawing in three dimensions needs an X display: DISPLAY names none that answers, and Xvfb, "
                           "which would stand in, is not installed; install the package xvfb (apt-get install xvfb)");
}

// One entry of an X authority file (see Xau(3)) that fits every display, with a fresh cookie. It lies in memory, so that
// nothing is left behind whichever way the process ends.
Descriptor MakeAuthority()
{
  Descriptor                file(::memfd_create("serval-xauthority", MFD_CLOEXEC));
  std::array<char, 16>      cookie{};
  constexpr std::string_view method = "MIT-MAGIC-COOKIE-1";
  Require(::getrandom(cookie.data(), cookie.size(), 0) == static_cast<ssize_t>(cookie.size()), Fault::Environment,
          "cannot prepare the X display: no random numbers");
  std::string entry("\xff\xff\0\0\0\0\0", 7); // any family, no address, no number
  entry += static_cast<char>(method.size());
  entry += method;
  entry += std::string("\0\x10", 2) + std::string(cookie.data(), cookie.size());
  Require(::write(file, entry.data(), entry.size()) == static_cast<ssize_t>(entry.size()), Fault::Environment,
          "cannot prepare the X display: ", std::strerror(errno));
  return file;
}

/// What the server needs, made ready before the fork: after it only plain system calls are allowed.
struct Server
{
  std::string program = FindServer();
  Descriptor  authority = MakeAuthority();
  Descriptor  messages{ ::memfd_create("serval-xvfb", MFD_CLOEXEC) };
  Descriptor  nothing{ ::open("/dev/null", O_RDONLY | O_CLOEXEC) };
  Descriptor  answer, number; ///< a pipe: where we read the display's number, and where the server writes it

  static Server Make()
  {
    int ends[2]{ -1, -1 };
    Require(::pipe2(ends, O_CLOEXEC) == 0, Fault::Environment, "cannot prepare the X display: ", std::strerror(errno));
    return Server{ .answer = Descriptor(ends[0]), .number = Descriptor(ends[1]) };
  }
};

[[noreturn]] void BecomeServer(const Server & server, char * const * arguments, pid_t parent)
{
  // SIGTERM, which lets the server remove its socket; it comes also when the parent is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent)
    ::_exit(1);
  sigset_t none; // ours are blocked (InstallInterruptCleanup), and Ctrl-C must not take the server away before us
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);
  ::dup2(server.nothing, STDIN_FILENO);
  ::dup2(server.messages, STDOUT_FILENO);
  ::dup2(server.messages, STDERR_FILENO);
  ::fcntl(server.authority, F_SETFD, 0);
  ::fcntl(server.number, F_SETFD, 0);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

struct Running
{
  pid_t             process = 0;
  std::future<void> ended;
};

Running & OurServer()
{
  static Running running;
  return running;
}

// At an orderly exit the server is also waited for: not every container reaps what it leaves.
void EndServer()
{
  if (::kill(OurServer().process, SIGTERM) == 0)
    OurServer().ended.wait_for(std::chrono::seconds(2));
}

// The death signal comes when the starting *thread* ends, so a thread of its own starts the server and stays with it.
void StartServer(const Server & server)
{
  std::vector<std::string> words{ server.program, "-displayfd", std::to_string(int(server.number)),
                                  "-auth", "/proc/self/fd/" + std::to_string(int(server.authority)), "-screen", "0",
                                  "1600x1200x24", "-nolisten", "tcp", "-terminate" };
  std::promise<pid_t>      started;
  std::promise<void>       ended;
  auto                     result = started.get_future();
  OurServer().ended = ended.get_future();
  std::thread([words = std::move(words), &server, started = std::move(started), ended = std::move(ended)]() mutable {
    std::vector<char *> arguments;
    for (auto & word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid(), child = ::fork();
    if (child == 0)
      BecomeServer(server, arguments.data(), parent);
    started.set_value(child);
    for (int status = 0; child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR;)
      ;
    ended.set_value();
  }).detach();
  OurServer().process = result.get();
  Require(OurServer().process > 0, Fault::Environment, "cannot start '", server.program, "': no further process possible");
  std::atexit(EndServer);
}

std::string Messages(const Server & server)
{
  std::string text(2000, '\0');
  const auto  length = ::pread(server.messages, text.data(), text.size(), 0);
  text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  for (char & c : text)
    c = c == '\n' ? ' ' : c;
  return Trim(text).empty() ? "it said nothing" : Trim(text);
}

// The number that the server chose, once it takes connections.
std::string AwaitNumber(Server & server)
{
  server.number.Close(); // so that the pipe ends when the server does
  std::string text;
  const auto  deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (text.find('\n') == std::string::npos && std::chrono::steady_clock::now() < deadline)
  {
    pollfd awaited{ server.answer, POLLIN, 0 };
    char   bytes[16];
    if (::poll(&awaited, 1, 500) <= 0)
      continue;
    const auto length = ::read(server.answer, bytes, sizeof bytes);
    if (length <= 0)
      break;
    text.append(bytes, static_cast<std::size_t>(length));
  }
  Require(ParseInteger(Trim(text)).has_value(), Fault::Environment, "'", server.program, "' gave no X display: ",
          Messages(server));
  return Trim(text);
}

// Xlib ends the process after this returns; its own handler would print several lines.
int DisplayLost(Display *)
{
  std::fputs("the X display was lost; run again\n", stderr);
  ::_exit(static_cast<int>(Fault::Environment));
}

} // namespace

void RequireDisplay()
{
  static std::mutex mutex;
  static bool       ready = false;
  const std::lock_guard lock(mutex);
  if (ready)
    return;
  if (const char * name = ::getenv("DISPLAY"); !name || !*name || !Opens(name))
  {
    Server server = Server::Make();
    StartServer(server);
    const std::string display = ":" + AwaitNumber(server);
    static const Descriptor authority = std::move(server.authority); // VTK reads it at each window
    ::setenv("DISPLAY", display.c_str(), 1);
    ::setenv("XAUTHORITY", ("/proc/self/fd/" + std::to_string(int(authority))).c_str(), 1);
    Require(Opens(display.c_str()), Fault::Environment, "the X display ", display, " of '", server.program,
            "' cannot draw with OpenGL (GLX); install the package libgl1-mesa-dri");
  }
  ::XSetIOErrorHandler(DisplayLost);
  ready = true;
}

void RequireScreen()
{
  const char * name = ::getenv("DISPLAY");
  Require(name && *name, Fault::Environment, "there is no display to open a window on: the variable DISPLAY is not set. Run it in a terminal of a desktop, or over `ssh -X`; "
          "without a display `serval render-volume` writes the same as pictures");
  Require(Opens(name), Fault::Environment, "the display '", name, "' (DISPLAY) does not answer, or cannot draw with OpenGL (GLX; package libgl1-mesa-dri); "
          "without a display `serval render-volume` writes pictures");
  RequireDisplay();
}

} // namespace serval
