#include "cli/command.h"

#include <string.h>

typedef struct help_page {
    const char *topic; /* NULL: the command as a whole */
    const char *text;
} help_page;

/* clang-format off */
static const help_page help_pages[] = {
{NULL,
"ketch - runs quantum circuits on state vectors\n"
"\n"
"  ketch run FILE    run an OpenQASM 2 file, print amplitudes, outcome or counts\n"
"  ketch resume FILE go on with a run that was saved\n"
"  ketch plan FILE   show how it would run, and the memory that takes\n"
"  ketch draw FILE   draw a picture of it in characters\n"
"  ketch info        version, kernel sets, threads and memory on this machine\n"
"  ketch costs       measure this machine, for plans that suit it\n"
"  ketch --help      this page; each command has one: ketch run --help\n"
"  ketch --version   the version\n"
"\n"
"FILE may be - for standard input. Try this:\n"
"\n"
"  printf 'OPENQASM 2.0; include \"qelib1.inc\";\n"
"          qreg q[2]; h q[0]; cx q[0], q[1];' | ketch run -\n"
"\n"
"Results go to standard output, messages and the progress bar to standard error.\n"
"\n"
"Exit codes: 0 good, 1 output failed, 2 bad input or usage,\n"
"3 not enough memory, 124 timeout, 130 interrupted.\n"},
{"run",
"ketch run FILE [options] - runs an OpenQASM 2 circuit on a state vector\n"
"\n"
"Without --shots the circuit runs once, as written. One that measures nothing prints\n"
"its largest amplitudes (32 lines at most, then how many more); one that measures\n"
"prints the outcome. With --shots N it prints how often each outcome came in N runs,\n"
"most frequent first. Classical bit 0 is the rightmost character; registers are\n"
"separated by a space, later ones to the left. Qubit 0 is rightmost in a ket.\n"
"A summary line ends the output.\n"
"\n"
"  --shots N         how often to run; the circuit must measure (default: once)\n"
"  --seed S          0 to 2^64 - 1: same seed, same outcomes (default: a new one,\n"
"                    told in the summary)\n"
"  --threads T       threads to compute with (default: the cores there are); the\n"
"                    result is the same, to the bit, for any T\n"
"  --precision P     double or single (default: double; single halves the memory)\n"
"  --costs FILE      plan by a table that ketch costs wrote (default: the library's, the\n"
"                    same on all machines); the last bits of results depend on it\n"
"  --timeout S       give up after S seconds (default: never)\n"
"  --memory SIZE     use at most so much, as in 512M, 4G, 4GiB or bytes (default:\n"
"                    what the machine or container has, less a margin)\n"
"  --text-limit SIZE refuse a longer FILE (default: 1GiB)\n"
"  --state OUT.npy   write the final state as a NumPy array (not with --shots); the\n"
"                    file is replaced as a whole\n"
"  --force           also where OUT.npy exists and is no .npy file\n"
"  --save FILE       save the run there when it stops and when it ends; the file is\n"
"                    replaced as a whole, and must be absent or a saved run\n"
"                    (see: ketch resume --help)\n"
"  --save-every S    and every S seconds meanwhile\n"
"  --json            print one JSON object instead of text\n"
"  --progress WHEN   bar on standard error: auto, always or never (default: auto,\n"
"                    where that is a terminal and the run takes a while)\n"
"  --help            this page\n"
"\n"
"Ctrl-C stops the run; with --save it can be resumed. FILE is a regular file, or -.\n"
"\n"
"Exit codes\n"
"  0    good             ketch run examples/ghz.qasm --shots 1000 --seed 7\n"
"  1    output failed    ketch run examples/qft.qasm --state /dev/full\n"
"  2    bad input        ketch run no-such-file.qasm\n"
"  3    out of memory    ketch run examples/brickwork22.qasm --memory 16M\n"
"  124  timeout          ketch run examples/brickwork22.qasm --timeout 0.001\n"
"  130  interrupted      ketch run examples/brickwork22.qasm --shots 1000, then Ctrl-C\n"},
{"resume",
"ketch resume FILE [options] - goes on with a run saved by ketch run --save\n"
"\n"
"The file has the circuit, the seed and the number of shots, so that nothing else is\n"
"needed. The result is that of an undisturbed run, to the bit, on any number of\n"
"threads. A run that had ended prints its result again without computing.\n"
"\n"
"  --save FILE       save the run there from now on (default: the file it is from)\n"
"  --save-every S    and every S seconds meanwhile (default: when it stops or ends)\n"
"  --threads T       threads to compute with (default: the cores there are)\n"
"  --timeout S       stop after S seconds (default: never)\n"
"  --memory SIZE     use at most so much (default: what the machine has)\n"
"  --state OUT.npy   write the final state as a NumPy array (not with shots); the\n"
"                    file is replaced as a whole\n"
"  --force           also where OUT.npy exists and is no .npy file\n"
"  --json            print one JSON object instead of text\n"
"  --progress WHEN   bar on standard error: auto, always or never (default: auto)\n"
"  --help            this page\n"
"\n"
"Exit codes as for ketch run; 2 also for a file that is damaged or no saved run.\n"
"\n"
"Example\n"
"  ketch run examples/brickwork22.qasm --save run.ketch --timeout 0.01\n"
"  ketch resume run.ketch\n"},
{"plan",
"ketch plan FILE [options] - shows how a circuit would run, without running it\n"
"\n"
"Prints the passes (sweeps over the state, each with many gates) with the bytes they\n"
"move, the memory that a run would take, and an estimate of its time on one core.\n"
"\n"
"  --precision P     double or single (default: double)\n"
"  --costs FILE      plan by a table that ketch costs wrote (default: the library's)\n"
"  --threads T       threads to compute with (default: the cores there are)\n"
"  --memory SIZE     compare with this limit, as in 4G (default: this machine's)\n"
"  --text-limit SIZE refuse a longer FILE (default: 1GiB)\n"
"  --help            this page\n"
"\n"
"FILE is a regular file, or -. Exit codes: 0 good, 2 bad input or usage, 3 not enough memory for\n"
"the plan itself. Example: ketch plan examples/brickwork22.qasm --precision single\n"},
{"draw",
"ketch draw FILE [options] - draws a picture of a circuit in characters\n"
"\n"
"There is a wire for each qubit and one for each classical register. Controls on 1\n"
"are full and those on 0 hollow; a condition stands below its register; barriers are\n"
"light. Box-drawing characters are in UTF-8.\n"
"\n"
"  --width N         fold to N columns (default: the terminal's; elsewhere not at all)\n"
"  --ascii           nothing but ASCII\n"
"  --memory SIZE     use at most so much (default: what the machine has)\n"
"  --text-limit SIZE refuse a longer FILE (default: 1GiB)\n"
"  --help            this page\n"
"\n"
"FILE is a regular file, or -. Exit codes: 0 good, 1 output failed, 2 bad input or\n"
"usage, 3 not enough memory. Example: ketch draw examples/teleport.qasm\n"},
{"info",
"ketch info [options] - what this machine offers\n"
"\n"
"Prints the version, the kernel sets (vector instructions) and which is chosen, the\n"
"threads a run would use, the memory it may use, and the most qubits that fit.\n"
"\n"
"  --threads T       as for ketch run (default: the cores there are)\n"
"  --memory SIZE     as for ketch run, for example ketch info --memory 4G\n"
"  --help            this page\n"
"\n"
"Exit codes: 0 good, 2 bad usage.\n"},
{"costs",
"ketch costs [options] - measures what the library's kernels cost on this machine\n"
"\n"
"Prints a table as text, for ketch run --costs FILE and for programs. Circuits are\n"
"planned by such a table: one of the machine at hand may save some percent of the\n"
"time, or cost some: compare. It takes about 20 seconds and should not be disturbed\n"
"by other work. Bits of results depend on the table, not on the machine that they\n"
"are computed on.\n"
"\n"
"  --memory SIZE     as for ketch run; about 100 MiB are needed\n"
"  --progress WHEN   bar on standard error: auto, always or never (default: auto)\n"
"  --help            this page\n"
"\n"
"Exit codes: 0 good, 1 output failed, 2 bad usage, 3 not enough memory,\n"
"130 interrupted. Example: ketch costs > here.costs\n"},
};
/* clang-format on */

void kt_help_print(FILE *out, const char *topic)
{
    for (size_t i = 0; i < sizeof help_pages / sizeof help_pages[0]; i++) {
        const help_page *const page = &help_pages[i];
        if (topic ? page->topic && strcmp(page->topic, topic) == 0 : !page->topic)
            fputs(page->text, out);
    }
}
