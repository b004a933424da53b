/* Trainings of the command: ketch glia train, and ketch resume of what that saved. */
#ifndef KT_CLI_TRAINING_H
#define KT_CLI_TRAINING_H

#include "cli/rules.h"

kt_exit kt_command_train(const kt_options *options);
/* True if a training was saved there. */
bool kt_training_is_saved(const ketch_saved *saved);
/* Goes on with it. */
kt_exit kt_training_resume(ketch_saved *saved, const kt_options *options);

/* What a training did: its best and its last epoch, or an object with all of them. */
kt_exit kt_training_show(kt_training *training);

#endif
