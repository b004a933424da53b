#include "cli/cli.h"

int main(int argc, char **argv)
{
    return ketch_cli(argc, argv);
}
