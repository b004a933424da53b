/* ketch: an embeddable compute engine. The whole public interface: one header a topic. */
#ifndef KETCH_H
#define KETCH_H

#include "ketch/core.h"

#include "ketch/circuits.h"
#include "ketch/glia.h"
#include "ketch/learning.h"

#endif
