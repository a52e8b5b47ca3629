// Starts a process and prints what it took as one line of JSON.
//
//   stub run COMMAND...                              until it ends: wall and CPU time, page faults, peak memory, and the last line it wrote
//   stub serve EVENT COUNT EXPECTED COMMAND...       as a Lambda Runtime API: to the first poll, to the first answer, then COUNT more invocations
//
// In C, because a stub with a garbage collector would add more to a warm invocation than the fastest peer takes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { CONNECTIONS = 16, BUFFER = 1 << 21, TIMEOUT_MS = 120000 };

struct connection {
  int fd;
  size_t length;
  char *data;
};

static struct connection connections[CONNECTIONS];
static int connected;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(2);
}

static int by_value(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void print_usage_of(pid_t process, double started) {
  struct rusage usage;
  int status;
  wait4(process, &status, 0, &usage);
  printf("\"wall\":%.3f,\"cpu\":%.3f,\"faults\":%ld,\"peak\":%.2f,\"status\":%d", now() - started,
         (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3,
         usage.ru_minflt + usage.ru_majflt, usage.ru_maxrss / 1024.0, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

static int run(char **command) {
  int output[2];
  if (pipe(output)) fail("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  posix_spawn_file_actions_addclose(&actions, output[0]);
  posix_spawn_file_actions_addclose(&actions, output[1]);
  double started = now();
  pid_t process;
  if (posix_spawnp(&process, command[0], &actions, 0, command, environ)) fail(command[0]);
  close(output[1]);
  static char text[65536], last[65536];
  size_t length = 0;
  ssize_t got;
  while ((got = read(output[0], text + length, sizeof text - 1 - length)) > 0) {
    length += got;
    text[length] = 0;
    char *line = text, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
      *end = 0;
      strcpy(last, line);
    }
    length = strlen(line);
    memmove(text, line, length + 1);
    if (length > sizeof text / 2) length = 0;
  }
  printf("{");
  print_usage_of(process, started);
  // What the process writes last is JSON itself.
  printf(",\"output\":%s}\n", last[0] == '{' ? last : "null");
  return 0;
}

// Whether the whole request is there; *body receives the start of its body.
static int is_complete(struct connection *from, char **body) {
  from->data[from->length] = 0;
  char *end = strstr(from->data, "\r\n\r\n");
  if (!end) return 0;
  *body = end + 4;
  char *size = strcasestr(from->data, "content-length:");
  if (size && size < end) return from->length - (*body - from->data) >= strtoul(size + 15, 0, 10);
  char *chunked = strcasestr(from->data, "transfer-encoding: chunked");
  return !chunked || chunked > end || strstr(end, "\r\n0\r\n\r\n") != 0;
}

static int serve(const char *event, int count, const char *expected, char **command) {
  static char payload[1 << 20], answer[(1 << 20) + 1024];
  FILE *file = fopen(event, "rb");
  if (!file) fail(event);
  size_t size = fread(payload, 1, sizeof payload, file);
  fclose(file);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (void *)&address, length) || listen(listener, CONNECTIONS)) fail("listen");
  getsockname(listener, (void *)&address, &length);
  char name[64];
  snprintf(name, sizeof name, "127.0.0.1:%d", ntohs(address.sin_port));
  setenv("AWS_LAMBDA_RUNTIME_API", name, 1);

  double *times = calloc(count + 1, sizeof *times), polled = 0, answered_first = 0, given = 0, started = now();
  int answered = 0;
  const char *fault = 0;
  pid_t process;
  if (posix_spawnp(&process, command[0], 0, 0, command, environ)) fail(command[0]);
  while (answered <= count && !fault) {
    struct pollfd waiting[CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
    int watched = connected;
    for (int i = 0; i < watched; i++) waiting[i + 1] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    poll(waiting, watched + 1, 1000);
    if (waitpid(process, 0, WNOHANG) == process) fault = "the process ended";
    if (now() - started > TIMEOUT_MS) fault = "no answer in time";
    for (int i = 0; i < watched && !fault; i++) {
      if (!waiting[i + 1].revents) continue;
      struct connection *from = &connections[i];
      ssize_t got = read(from->fd, from->data + from->length, BUFFER - 1 - from->length);
      if (got <= 0) {
        close(from->fd);
        from->fd = -1;
        continue;
      }
      from->length += got;
      char *body;
      if (!is_complete(from, &body)) continue;
      int head;
      if (!strncmp(from->data, "GET", 3)) {
        if (!polled) polled = now() - started;
        head = sprintf(answer,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 00000000-0000-0000-0000-%012d\r\n"
                       "Lambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Trace-Id: Root=1-00000000-000000000000000000000000\r\n"
                       "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:benchmark\r\nContent-Length: %zu\r\n\r\n",
                       answered, size);
        memcpy(answer + head, payload, size);
        head += size;
        given = now();
      } else {
        times[answered] = now() - given;
        if (strstr(from->data, "/error ")) fault = "it reported an error";
        if (!answered) answered_first = now() - started;
        if (!strstr(body, expected)) fault = "it answered something else";
        if (fault) fprintf(stderr, "%s\n", body);
        answered++;
        head = sprintf(answer, "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}");
      }
      from->length = 0;
      if (write(from->fd, answer, head) != head) fault = "the answer was not taken";
    }
    for (int i = 0; i < connected;)
      if (connections[i].fd < 0) {
        char *data = connections[i].data;
        connections[i] = connections[--connected];
        connections[connected] = (struct connection){.fd = -1, .data = data};
      } else {
        i++;
      }
    if (waiting[0].revents && connected < CONNECTIONS) {
      struct connection *added = &connections[connected++];
      added->fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
      added->length = 0;
      if (!added->data) added->data = malloc(BUFFER);
      setsockopt(added->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
  }
  kill(process, SIGKILL);
  qsort(times + 1, count, sizeof *times, by_value);
  printf("{\"fault\":%s%s%s,\"poll\":%.3f,\"answer\":%.3f,\"first\":%.3f,\"p50\":%.4f,\"p99\":%.4f,", fault ? "\"" : "", fault ? fault : "null",
         fault ? "\"" : "", polled, answered_first, times[0], count ? times[1 + count / 2] : 0, count ? times[1 + count * 99 / 100] : 0);
  print_usage_of(process, started);
  printf("}\n");
  return 0;
}

int main(int count, char **arguments) {
  if (count > 2 && !strcmp(arguments[1], "run")) return run(arguments + 2);
  if (count > 5 && !strcmp(arguments[1], "serve")) return serve(arguments[2], atoi(arguments[3]), arguments[4], arguments + 5);
  fputs("stub run COMMAND... | stub serve EVENT COUNT EXPECTED COMMAND...\n", stderr);
  return 2;
}
