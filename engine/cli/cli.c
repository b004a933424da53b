#include "cli/cli.h"
#include "cli/options.h"
#include "cli/say.h"

#include <string.h>

static const kt_command commands[] = {
    {"run", KT_COMMAND_RUN, 1, kt_command_run},
    {"resume", KT_COMMAND_RESUME, 1, kt_command_resume},
    {"plan", KT_COMMAND_PLAN, 1, kt_command_plan},
    {"draw", KT_COMMAND_DRAW, 1, kt_command_draw},
    {"info", KT_COMMAND_INFO, 0, kt_command_info},
    {"costs", KT_COMMAND_COSTS, 0, kt_command_costs},
    {"bench", KT_COMMAND_BENCH, 1, kt_command_bench},
    {"glia", KT_COMMAND_GLIA, KT_WORDS_MAX, kt_command_glia},
};

static const kt_command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static kt_exit refuse_command(const char *name)
{
    kt_say(
        "ketch: no command '", name,
        "': there are run, resume, plan, draw, info, costs, bench and glia; to run a circuit file: "
        "ketch run ",
        name[0] == '-' ? "FILE" : name, " (see: ketch --help)", NULL);
    return KT_EXIT_INPUT;
}

static kt_exit print_help(const char *topic)
{
    kt_help_print(stdout, topic);
    return KT_EXIT_GOOD;
}

static kt_exit do_command(const kt_command *command, int argc, char **argv)
{
    kt_options options;
    const kt_exit code = kt_options_read(&options, command, argc, argv);
    if (code != KT_EXIT_GOOD)
        return code;
    return options.help ? print_help(command->name) : command->run(&options);
}

static kt_exit do_word(int argc, char **argv)
{
    const char *const word = argv[1];
    const kt_command *const command = find_command(word);
    if (command)
        return do_command(command, argc - 1, argv + 1);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_help(NULL);
    if (strcmp(word, "help") == 0 && (argc < 3 || find_command(argv[2])))
        return print_help(argc < 3 ? NULL : argv[2]);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0 || strcmp(word, "version") == 0) {
        printf("ketch %s\n", ketch_version());
        return KT_EXIT_GOOD;
    }
    return refuse_command(word);
}

int ketch_cli(int argc, char **argv)
{
    if (argc < 2) {
        kt_help_print(stderr, NULL);
        return KT_EXIT_INPUT;
    }
    const kt_exit code = do_word(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == KT_EXIT_GOOD) {
        kt_say("ketch: the output cannot be written", NULL);
        return KT_EXIT_FAILED;
    }
    return (int)code;
}
