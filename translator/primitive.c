/* primitive.c: methods with primitives: the function tries the primitive first, and goes on with the method's
 * code when that fails.
 *
 * No frame is made before: a primitive sees its caller's frame as the running one, as in the interpreter.
 */
#include "primitives/primitive.h"
#include "translator/emit.h"

void emit_primitive(struct tr *t) {
  wasm_note(t->f, "primitive %u", t->env->primitive);
  emit_inline_primitive(t);
  get(t, 0);
  constant(t, t->env->method_cell);
  constant(t, t->cfg->num_args);
  call(t, TRH_PRIMITIVE);
  tee(t, t->local_x);
  constant(t, PRIM_FAILED);
  op(t, W_I32_NE);
  begin(t, W_IF, 0);
  get(t, t->local_x);
  op(t, W_RETURN);
  end(t);
  wasm_note(t->f, "frame");
}

/* As send_activate_failed() has it: on top of the stack, which is the last temporary, and from there the
 * first instruction stores it. */
void emit_primitive_error(struct tr *t) {
  const uint32_t last = t->cfg->num_temps - 1, wanted = (uint32_t)t->cfg->error_temp;
  call(t, TRH_PRIMITIVE_ERROR);
  temp_init(t, last);
  if (wanted == last) return;
  temp_push(t, last);
  temp_init(t, wanted);
}
