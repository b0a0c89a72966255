/* SPDX-License-Identifier: MIT */
#include "base/secret.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    secret_protect_process();
    return cli_main(argc, argv);
}
