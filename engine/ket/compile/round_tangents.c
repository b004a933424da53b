#include "ket/compile/round_tangents.h"

void ktq_round_tangents(ktq_op_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->ops[i].kind == KTQ_ROTATE && !list->ops[i].is_parametric)
            ktq_round_tangent(list->data + list->ops[i].data);
}
