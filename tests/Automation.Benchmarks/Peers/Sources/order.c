// Prints the functions of compiled C# that a process enters, in the order of their first call. x86-64 only.
//
//   nm PROGRAM | order RESULT PROGRAM ARGUMENTS...
//
// Each function starts with a breakpoint, which its first call takes away. .ci/startup-order makes the lists for the compiler with it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FUNCTIONS = 1 << 20, NAME = 1 << 16 };

struct function {
  unsigned long address;
  char *name;
  unsigned char first;
  char entered;
};

static struct function functions[FUNCTIONS];
static int count;

static int by_address(const void *left, const void *right) {
  unsigned long a = ((const struct function *)left)->address, b = ((const struct function *)right)->address;
  return (a > b) - (a < b);
}

// 000000000050f500 T S_P_CoreLib_System_String__Concat; the linker marks where compiled C# starts and ends.
static void read_functions(void) {
  static char line[NAME];
  unsigned long start = 0, stop = 0;
  while (count < FUNCTIONS && fgets(line, sizeof line, stdin)) {
    unsigned long address;
    char kind;
    int name = 0;
    if (sscanf(line, "%lx %c %n", &address, &kind, &name) < 2 || !name) continue;
    line[strcspn(line, "\n")] = 0;
    if (!strcmp(line + name, "__start___managedcode")) start = address;
    if (!strcmp(line + name, "__stop___managedcode")) stop = address;
    if (kind == 't' || kind == 'T') functions[count++] = (struct function){.address = address, .name = strdup(line + name)};
  }
  int kept = 0;
  for (int i = 0; i < count; i++)
    if (functions[i].address >= start && functions[i].address < stop) functions[kept++] = functions[i];
  count = kept;
  qsort(functions, count, sizeof *functions, by_address);
}

// Identical bodies have one address and several names.
static void enter(struct function *at, int memory, FILE *result) {
  while (at > functions && at[-1].address == at->address) at--;
  if (at->entered) return;
  at->entered = 1;
  if (pwrite(memory, &at->first, 1, at->address) != 1) exit(4);
  for (struct function *same = at; same < functions + count && same->address == at->address; same++) fprintf(result, "%s\n", same->name);
  fflush(result);
}

int main(int arguments, char **argument) {
  if (arguments < 3) return 2;
  read_functions();
  FILE *result = fopen(argument[1], "w");
  pid_t process = fork();
  if (!process) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argument[2], argument + 2);
    _exit(127);
  }
  int status;
  waitpid(process, &status, 0);
  ptrace(PTRACE_SETOPTIONS, process, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  char path[64];
  sprintf(path, "/proc/%d/mem", process);
  int memory = open(path, O_RDWR);
  const unsigned char breakpoint = 0xcc;
  for (int i = 0; i < count; i++) {
    if (i && functions[i].address == functions[i - 1].address) continue;
    if (pread(memory, &functions[i].first, 1, functions[i].address) != 1 || pwrite(memory, &breakpoint, 1, functions[i].address) != 1) return 3;
  }
  ptrace(PTRACE_CONT, process, 0, 0);
  for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (thread == process) break;
      continue;
    }
    int signal = WSTOPSIG(status);
    if (status >> 16 || signal == SIGSTOP) {
      signal = 0;
    } else if (signal == SIGTRAP) {
      struct user_regs_struct registers;
      ptrace(PTRACE_GETREGS, thread, 0, &registers);
      struct function *at = bsearch(&(struct function){.address = registers.rip - 1}, functions, count, sizeof *functions, by_address);
      if (at) {
        enter(at, memory, result);
        registers.rip--;
        ptrace(PTRACE_SETREGS, thread, 0, &registers);
        signal = 0;
      }
    }
    ptrace(PTRACE_CONT, thread, 0, signal);
  }
  return 0;
}
