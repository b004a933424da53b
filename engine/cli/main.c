#include "cli.h"

int main(int argc, char **argv)
{
    return ketch_cli(argc, argv);
}
