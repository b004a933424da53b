/* The file of --out, to which a trained network is written. */
#ifndef KT_CLI_NET_FILE_H
#define KT_CLI_NET_FILE_H

#include "cli/glia_read.h"

/* Checks before a training that the file can be written: there is none, or a network that a program
 * wrote, or with --force any regular file; and it is none of those files that are read, which
 * kt_options.words has from `first` on. Does nothing without --out. Says what is wrong. */
kt_exit kt_net_file_try(const kt_options *options, int first);
/* Writes the network, with numbers that are read back the same. The file is the old one until the
 * new one is whole and on the disk. */
kt_exit kt_net_file_write(kt_glia *glia);

#endif
