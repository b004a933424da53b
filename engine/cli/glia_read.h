/* What the commands of spiking networks work on, and how that is read: strictly. */
#ifndef KT_CLI_GLIA_READ_H
#define KT_CLI_GLIA_READ_H

#include "cli/command.h"

/* A network and what it is run with. work comes first: it is what kt_start functions get. mode: of
 * the network, when it is read. */
typedef struct kt_glia {
    kt_work work;
    ketch_glia_mode mode;
    ketch_glia_net *net;
    ketch_glia_sequence *sequence;
    ketch_glia_feed feed;
} kt_glia;

/* Makes the network of a file, and the sequence of one. Say what is wrong; what was made until then
 * is dropped with the rest. */
kt_exit kt_glia_read_net(kt_glia *glia, const char *file);
kt_exit kt_glia_read_sequence(ketch_glia_sequence **sequence, kt_glia *glia, const char *file);
/* The same of texts; name: what messages call them. */
kt_exit kt_glia_parse_net(kt_glia *glia, const char *text, size_t length, const char *name);
kt_exit kt_glia_parse_sequence(ketch_glia_sequence **sequence, kt_glia *glia, const char *text,
                               size_t length, const char *name);
/* Drops network, sequence and work. */
void kt_glia_end(kt_glia *glia);

#endif
